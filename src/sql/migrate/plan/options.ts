import type { Intent } from "../../../migration.ts";

/** What a plan is made from besides the database and the models. */
export interface PlanOptions {
  /** What a person wants done. */
  readonly intent: Intent;
  /** What models managed, by the history. */
  readonly managed: readonly string[];
  /** As if the database held nothing. */
  readonly empty?: boolean | undefined;
}
