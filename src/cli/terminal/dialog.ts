import type { Decision, MigrationEvent } from "../../engine/migrations/mod.ts";
import type { LoadEvent } from "./load_event.ts";

/** Asks the user, and reports progress. */
export interface Dialog {
  /**
   * Asks for confirmation.
   *
   * @throws {DecisionError} if there is no terminal
   */
  confirm(question: string): Promise<boolean>;
  /** Asks for one of a decision's options; undefined if there is no terminal. */
  readonly decide:
    | ((decision: Decision) => Promise<string | undefined>)
    | undefined;
  /** Reports each step of long work. */
  onProgress(event: MigrationEvent | LoadEvent): void;
}
