import type { Decision, MigrationEvent } from "../../engine/migrations/mod.ts";

/** Whom a command asks, and tells what it does. */
export interface Person {
  /**
   * Asks whether something is meant.
   *
   * @throws {DecisionError} where there is nobody to ask
   */
  confirm(question: string): Promise<boolean>;
  /** Asks for one of a decision's options; undefined where there is nobody to ask. */
  readonly decide:
    | ((decision: Decision) => Promise<string | undefined>)
    | undefined;
  /** Told of each step of long work. */
  tell(event: MigrationEvent): void;
}
