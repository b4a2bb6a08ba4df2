import { managedName } from "../../../migrations/plan/managed_names.ts";
import { named } from "../../codec/quote.ts";
import type { ChangeOf } from "../../schema/change.ts";
import type { LiveColumn, LiveTable } from "../../schema/introspect.ts";
import { typeText } from "../../schema/recreate.ts";
import { lostName } from "../file/destructive_names.ts";
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
export function sequenceType(from: LiveColumn, to: LiveColumn): string[] {
  return from.generated === "serial" && to.generated === "serial" &&
      from.sequence !== null && from.sequence.type !== to.type
    ? [`ALTER SEQUENCE ${from.sequence.name} AS ${to.type}`]
    : [];
}

/** Returns a sketch for a type that the server cannot change in place: a second column, kept in sync, that replaces the first. */
export function otherColumnSketch(
  { table, from, to }: ChangeOf<"type">,
  { triggers, views }: LiveTable,
): string {
  const t = named(table);
  const c = named(to.name);
  const n = named(`${to.name}_new`);
  // An enum converts to another type only by way of text.
  const cast = from.values === null && to.values === null
    ? ""
    : `::text::${to.type}`;
  const fired = triggers.length === 0
    ? ""
    : `-- Each UPDATE of ${t} fires its triggers: ${
      triggers.map(({ name }) => name).join(", ")
    }. Check that they may run, and that none of them uses ${c} when it is dropped.
`;
  const shows = views.filter(({ columns }) => columns.includes(to.name))
    .map(({ name, kind }) =>
      `-- The ${kind} ${name} uses ${c}: drop it before this statement, and recreate it at the end.\n`
    ).join("");
  const sync = named(`${table}_${to.name}_sync`);
  const required = to.nullable
    ? ""
    : `\n-- The next make_migrations adds NOT NULL to ${c} again.`;
  return `-- dbp:destructive drop-column ${
    lostName(managedName.column(table, to.name))
  }
-- dbp:ignore rename ${n} replaces ${c}
-- First release: add a second column, keep it in sync, and fill it.
ALTER TABLE ${t} ADD COLUMN ${n} ${typeText(to)};
CREATE FUNCTION ${sync}() RETURNS trigger LANGUAGE plpgsql
  AS $$ BEGIN NEW.${n} := NEW.${c}${cast}; RETURN NEW; END $$;
CREATE TRIGGER ${sync} BEFORE INSERT OR UPDATE ON ${t}
  FOR EACH ROW EXECUTE FUNCTION ${sync}();
${fired}-- dbp:step repeat statement_timeout=1h
UPDATE ${t} SET ${n} = ${c}${cast} WHERE ctid IN (
  SELECT ctid FROM ${t} WHERE ${n} IS NULL AND ${c} IS NOT NULL LIMIT 10000);
-- Create the keys, indexes and constraints of ${c} on ${n} too. Then replace ${c}.
-- dbp:step
DROP TRIGGER ${sync} ON ${t};
DROP FUNCTION ${sync}();
${shows}ALTER TABLE ${t} DROP COLUMN ${c};
ALTER TABLE ${t} RENAME COLUMN ${n} TO ${c};${required}`;
}
