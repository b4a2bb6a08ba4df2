import { named } from "../../codec/quote.ts";
import type { ChangeOf } from "../../schema/change.ts";
import type { LiveColumn } from "../../schema/introspect.ts";
import { typeText } from "../../schema/recreate.ts";
import {
  type FileContext,
  LONG,
  quick,
  RANK,
  type SqlStep,
  step,
} from "./planned_step.ts";

/** Changes the type of a column: quick in an up migration, where the server was found to keep the rows. */
export function typeSteps(
  { table, from, to, mostRows }: ChangeOf<"type">,
  { direction }: FileContext,
): SqlStep[] {
  const statements = [alterType(table, from, to), ...sequenceType(from, to)];
  const ignored = (why: string) => ({
    rank: RANK.type,
    ignored: [{ rule: "alter-type", why }],
  });
  if (direction === "up" && mostRows !== undefined) {
    return [{
      ...step("alter", table, ...statements),
      ...ignored(
        `${table} and the tables that its keys connect had at most ${mostRows} rows when this file was generated`,
      ),
      comments: [
        `The server rewrites all rows of ${table}, and nobody can use it meanwhile. It is a moment for up to ${mostRows} rows; if ${table} has many more elsewhere, do not apply this file there.`,
      ],
    }];
  }
  return direction === "up"
    ? [{
      ...quick("alter", table, ...statements),
      ...ignored(
        `checked on the server: it does not rewrite the rows of ${table}`,
      ),
    }]
    : [{
      ...step("alter", table, ...statements),
      ...LONG,
      ...ignored(`${table} had this type before`),
      comments: [
        `The server may rewrite all rows of ${table}, and blocks all reads until they are rewritten. This fails if a value does not fit ${to.type}.`,
      ],
    }];
}

/** Returns the statement that changes the type of a column. */
export function alterType(
  table: string,
  from: LiveColumn,
  to: LiveColumn,
): string {
  const collation = to.collation === null && from.collation !== null
    ? '"default"'
    : to.collation;
  const type = typeText({ ...to, collation, generated: null });
  return `ALTER TABLE ${named(table)} ALTER COLUMN ${
    named(to.name)
  } TYPE ${type}`;
}

/** Returns the statement that changes the type of the sequence of a serial column; the server changes that of an identity itself. */
function sequenceType(from: LiveColumn, to: LiveColumn): string[] {
  return from.generated === "serial" && to.generated === "serial" &&
      from.sequence !== null && from.sequence.type !== to.type
    ? [`ALTER SEQUENCE ${from.sequence.name} AS ${to.type}`]
    : [];
}
