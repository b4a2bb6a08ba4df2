import type { SchemaPlan } from "../../../engine/migrations/mod.ts";
import type { LiveTable } from "../../schema/introspect.ts";
import type { Change, ChangeOf } from "../compare/change.ts";
import { columnText, createTable } from "../compare/create_sql.ts";
import { place } from "../../../migrations/plan/managed_names.ts";
import { rewritten } from "../compare/rewrites.ts";
import { named } from "../../codec/quote.ts";
import { droppedColumn, droppedTable } from "./refused_drops.ts";
import { constraintOnParts, droppedKey } from "./refused_keys.ts";
import type { Scratch } from "../compare/scratch_schema.ts";
import { MOST_COLUMNS } from "../compare/column_limit.ts";
import type { Settling } from "./context.ts";
import { alterType, otherColumnSketch } from "../steps/column_type.ts";
import { replicated } from "./replica_identity.ts";
import { around, reasons, usersOf } from "../compare/dependents.ts";
import { waiting } from "./waits_for_type.ts";

type Refusal = SchemaPlan["refused"][number];

/** Why a change is left to a person, with a sketch of what to write; undefined where it can be generated. */
export async function refusal(
  change: Change,
  all: readonly Change[],
  settling: Settling,
): Promise<Refusal | undefined> {
  switch (change.kind) {
    case "add-column":
      return noPlace(change, all, settling) ??
        await addedColumn(change, settling);
    case "alter-type":
      return await alteredType(change, settling);
    case "split":
      return split(change);
    case "drop-table":
      return droppedTable(change, all, settling);
    case "drop-column":
      return droppedColumn(change, settling);
    case "drop-index":
      return replicated(change.table, change.index.name, settling);
    case "drop-constraint":
      return replicated(change.table, change.constraint.name, settling) ??
        droppedKey(change.table, change.constraint, all, settling) ??
        await waits(change, all, settling);
    case "change-constraint":
      return replicated(change.table, change.from.name, settling) ??
        droppedKey(change.table, change.from, all, settling) ??
        constraintOnParts(change.table, change.to, settling) ??
        await waits(change, all, settling);
    case "add-constraint":
      return constraintOnParts(change.table, change.constraint, settling) ??
        await waits(change, all, settling);
    case "change-index":
      return replicated(change.table, change.from.name, settling) ??
        await waits(change, all, settling);
    case "set-default":
    case "add-index":
      return await waits(change, all, settling);
    default:
      return undefined;
  }
}

/** What is about a column whose type a person has to change first. */
async function waits(
  change: Change,
  all: readonly Change[],
  settling: Settling,
): Promise<Refusal | undefined> {
  for (const other of all) {
    if (other.kind !== "alter-type") continue;
    const found = waiting(change, other);
    if (found === undefined) continue;
    if (await alteredType(other, settling) !== undefined) return found;
  }
  return undefined;
}

/** A column for which the server has no place left: dropped ones keep theirs. */
function noPlace(
  { table, column }: ChangeOf<"add-column">,
  all: readonly Change[],
  { current }: Settling,
): Refusal | undefined {
  const places = current.get(table)?.places ?? 0;
  const added =
    all.filter((change) =>
      change.kind === "add-column" && change.table === table
    ).length;
  if (places + added <= MOST_COLUMNS) return undefined;
  return {
    change: `add ${
      place.column(table, column.name)
    }: ${table} has had ${places} columns, and a table has at most ${MOST_COLUMNS}, those that were dropped too`,
    sketch:
      `-- Move what is seldom read to a table of its own, or the rows to a table that is new:
CREATE TABLE ${named(`${table}_new`)} (LIKE ${named(table)} INCLUDING ALL);`,
  };
}

async function addedColumn(
  { table, column }: ChangeOf<"add-column">,
  { scratch, current }: Settling,
): Promise<Refusal | undefined> {
  const there = current.get(table);
  const add = `ALTER TABLE ${named(table)} ADD COLUMN ${columnText(column)}`;
  if (there === undefined) return undefined;
  const plain = `ALTER TABLE ${named(table)} ADD COLUMN ${
    columnText({ ...column, default: null, nullable: true })
  }`;
  // A default that differs from row to row is put in afterwards; anything else that rewrites the table is not.
  const isQuick = async (text: string): Promise<boolean> =>
    (await rewritten(scratch, there, [text]))?.size === 0;
  if (column.made === null && await isQuick(plain)) return undefined;
  if (await isQuick(add)) return undefined;
  const name = place.column(table, column.name);
  const t = named(table);
  const c = named(column.name);
  const sequence = named(`${table}_${column.name}_seq`);
  switch (column.made) {
    case "always":
    case "by default":
    case "serial":
      return {
        change:
          `add ${name}, whose values a sequence makes: the whole table would be written anew while nobody can read it`,
        sketch: `ALTER TABLE ${t} ADD COLUMN ${c} ${column.type};
CREATE SEQUENCE ${sequence} OWNED BY ${t}.${c};
ALTER TABLE ${t} ALTER COLUMN ${c} SET DEFAULT nextval('${sequence}');
-- dbp:step repeat statement_timeout=1h
UPDATE ${t} SET ${c} = DEFAULT WHERE ctid IN (
  SELECT ctid FROM ${t} WHERE ${c} IS NULL LIMIT 10000);
-- Then NOT NULL, and for an identity: drop the default, ADD GENERATED … AS IDENTITY, setval().`,
      };
    case "stored":
      return {
        change:
          `add ${name}, which is generated and stored: the whole table would be written anew while nobody can read it`,
        sketch:
          `-- PostgreSQL 18 and later make it when it is read, at once: GENERATED ALWAYS AS (…) VIRTUAL.
ALTER TABLE ${t} ADD COLUMN ${c} ${column.type};
-- A trigger sets it for new rows; then
-- dbp:step repeat statement_timeout=1h
UPDATE ${t} SET ${c} = ${column.default} WHERE ctid IN (
  SELECT ctid FROM ${t} WHERE ${c} IS NULL LIMIT 10000);`,
      };
    default:
      return {
        change:
          `add ${name}, of type ${column.type}: the whole table would be written anew while nobody can read it`,
        sketch:
          `-- The type has rules of its own; put them into a check of the table's, which is validated without a lock.\n${add};`,
      };
  }
}

async function alteredType(
  change: ChangeOf<"alter-type">,
  { scratch, current }: Settling,
): Promise<Refusal | undefined> {
  const { table, from, to } = change;
  const name = place.column(table, to.name);
  const there = current.get(table);
  if (there === undefined) return undefined;
  if (
    from.made !== to.made || (to.made !== null && from.default !== to.default)
  ) {
    return {
      change: `change how the values of ${name} are made`,
      sketch:
        `-- ADD GENERATED … AS IDENTITY, DROP IDENTITY, SET EXPRESSION or DROP EXPRESSION, as it is meant.
ALTER TABLE ${named(table)} ALTER COLUMN ${named(to.name)} …;`,
    };
  }
  const files = await rewrittenBy(change, there, scratch);
  const users = usersOf(there, to.name);
  const what = `change the type of ${name} from ${from.type} to ${to.type}`;
  const keys = new Set([
    table,
    ...there.constraints.map(({ name }) => name),
  ]);
  const rewrites = files === undefined ||
    [...files].some((file) => keys.has(file));
  if (rewrites) {
    return {
      change:
        `${what}: the whole table would be written anew while nobody can read it`,
      sketch: otherColumnSketch(change, there),
    };
  }
  const { identity } = there;
  if (identity !== null && files.has(identity)) {
    return replicated(table, identity, { current });
  }
  return users.length === 0 ? undefined : {
    change: `${what}: ${reasons(users)}`,
    sketch: around(users, `${alterType(change)};`),
  };
}

/** What a change of type writes anew; rules over the column do not count, they are made again apart from it. */
export function rewrittenBy(
  change: ChangeOf<"alter-type">,
  table: LiveTable,
  scratch: Scratch,
): Promise<ReadonlySet<string> | undefined> {
  const bare = {
    ...table,
    constraints: table.constraints.filter(({ kind }) => kind !== "check"),
  };
  return rewritten(scratch, bare, [alterType(change)]);
}

function split({ table, from, to }: ChangeOf<"split">): Refusal {
  const words = ({ partition, parts }: LiveTable): string =>
    partition === null ? "not at all" : `${partition} into ${parts.length}`;
  const next = named(`${table}_new`);
  const there = new Set(from.parts.map(({ name }) => name));
  const clashing = to.parts.map(({ name }) => name).filter((name) =>
    there.has(name)
  );
  const parts = to.parts.map((part) =>
    there.has(part.name) ? { ...part, name: `${part.name}_new` } : part
  );
  const renamed = [table, ...clashing].flatMap((name) => [
    `ALTER TABLE ${named(name)} RENAME TO ${named(`${name}_old`)};`,
    `ALTER TABLE ${named(`${name}_new`)} RENAME TO ${named(name)};`,
  ]);
  return {
    change: `split ${table} ${words(to)}, not ${words(from)}: every row moves`,
    sketch: `${
      createTable({
        ...{ ...to, name: `${table}_new`, parts },
        ...{ indexes: [], constraints: [] },
      }).filter((text) => !text.startsWith("COMMENT")).join(";\n")
    };
-- Keys, indexes, policies, rights, triggers and what else is on ${table}; a trigger on ${table} writes to both; then in batches
INSERT INTO ${next} SELECT * FROM ${named(table)} … ON CONFLICT DO NOTHING;
-- and in a step of its own
${renamed.join("\n")}`,
  };
}
