import { named } from "../../codec/quote.ts";
import type { ChangeOf } from "../../schema/change.ts";
import { commentOn } from "../../schema/recreate.ts";
import { quick, RANK, type SqlStep } from "./planned_step.ts";

/** Changes the default of a column for future rows. */
export function defaultSteps(
  { table, column, to }: ChangeOf<"default">,
): SqlStep[] {
  return [{
    ...quick("alter", table, setDefault(table, column, to)),
    rank: RANK.value,
  }];
}

/** Returns the statement that sets or drops the default of a column. */
export function setDefault(
  table: string,
  column: string,
  value: string | null,
): string {
  return `ALTER TABLE ${named(table)} ALTER COLUMN ${named(column)} ${
    value === null ? "DROP DEFAULT" : `SET DEFAULT ${value}`
  }`;
}

/** Changes the comment of a column. */
export function commentSteps(
  { table, column, to }: ChangeOf<"comment">,
): SqlStep[] {
  return [quick("comment", table, commentOn(table, column, to))];
}
