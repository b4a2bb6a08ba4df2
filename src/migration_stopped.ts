import { MigrationError } from "./errors.ts";

/** That a signal ended a step. */
export function stopped({ reason }: AbortSignal): MigrationError {
  return new MigrationError("It was stopped", { cause: reason });
}
