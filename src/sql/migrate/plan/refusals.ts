import type { SchemaPlan } from "../../../migration.ts";
import type { LiveConstraint, LiveTable } from "../../schema/introspect.ts";
import type { Change, ChangeOf } from "./changes.ts";
import {
  addConstraint,
  columnText,
  createIndex,
  createTable,
} from "./create.ts";
import { place } from "./managed.ts";
import { rewritten } from "./probe.ts";
import { named } from "./quote.ts";
import type { Scratch } from "./scratch.ts";
import type { Settling } from "./settling.ts";
import { alterType, otherColumnSketch } from "./types.ts";

type Refusal = SchemaPlan["refused"][number];

/** Why a change is left to a person, with a sketch of what to write; undefined where it can be generated. */
export async function refusal(
  change: Change,
  all: readonly Change[],
  settling: Settling,
): Promise<Refusal | undefined> {
  switch (change.kind) {
    case "add-column":
      return await addedColumn(change, settling);
    case "alter-type":
      return await alteredType(change, settling);
    case "split":
      return split(change);
    case "drop-table":
      return droppedTable(change, all, settling);
    case "drop-column":
      return droppedColumn(change, settling);
    case "drop-constraint":
      return droppedKey(change.table, change.constraint, all, settling);
    case "change-constraint":
      return droppedKey(change.table, change.from, all, settling) ??
        constraintOnParts(change.table, change.to, settling);
    case "add-constraint":
      return constraintOnParts(change.table, change.constraint, settling);
    default:
      return undefined;
  }
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
  const view = viewOf(there, from.name);
  if (view !== undefined) {
    return {
      change:
        `change the type of ${name} from ${from.type} to ${to.type}: the view ${view} shows it`,
      sketch: `DROP VIEW ${named(view)};\n${
        alterType(change)
      };\n-- CREATE VIEW ${named(view)} AS …`,
    };
  }
  const files = await rewrittenBy(change, there, scratch);
  const keys = new Set([
    table,
    ...there.constraints.map(({ name }) => name),
  ]);
  if (files !== undefined && ![...files].some((file) => keys.has(file))) {
    return undefined;
  }
  return {
    change:
      `change the type of ${name} from ${from.type} to ${to.type}: the whole table would be written anew while nobody can read it`,
    sketch: otherColumnSketch(change),
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
  return {
    change: `split ${table} ${words(to)}, not ${words(from)}: every row moves`,
    sketch: `${
      createTable({ ...to, name: `${table}_new`, indexes: [], constraints: [] })
        .filter((text) => !text.startsWith("COMMENT")).join(";\n")
    };
-- Keys and indexes as on ${table}; a trigger on ${table} writes to both; then in batches
INSERT INTO ${next} SELECT * FROM ${named(table)} … ON CONFLICT DO NOTHING;
-- and in a step of its own
ALTER TABLE ${named(table)} RENAME TO ${named(`${table}_old`)};
ALTER TABLE ${next} RENAME TO ${named(table)};`,
  };
}

function droppedTable(
  { table }: ChangeOf<"drop-table">,
  all: readonly Change[],
  { current }: Settling,
): Refusal | undefined {
  const gone = new Set(
    all.flatMap((change) =>
      change.kind === "drop-table" ? [change.table.name] : []
    ),
  );
  const [key] = referring(table.name, current).filter(([other, key]) =>
    !gone.has(other) && !isDropped(other, key, all)
  );
  const view = table.views[0]?.split(".")[0];
  if (key === undefined && view === undefined) return undefined;
  const [what, first] = key === undefined
    ? [`the view ${view}`, `DROP VIEW ${named(view ?? "")}`]
    : [
      `the foreign key ${key[1].name} of ${key[0]}`,
      `ALTER TABLE ${named(key[0])} DROP CONSTRAINT ${named(key[1].name)}`,
    ];
  return {
    change: `drop ${table.name}: ${what} needs it and is no model's`,
    sketch:
      `${first};\n-- dbp:destructive drop-table ${table.name}\nDROP TABLE ${
        named(table.name)
      };`,
  };
}

function droppedColumn(
  { table, column }: ChangeOf<"drop-column">,
  { current }: Settling,
): Refusal | undefined {
  const there = current.get(table);
  const view = there && viewOf(there, column.name);
  return view === undefined ? undefined : {
    change: `drop ${
      place.column(table, column.name)
    }: the view ${view} shows it`,
    sketch: `DROP VIEW ${named(view)};
-- dbp:destructive drop-column ${place.column(table, column.name)}
ALTER TABLE ${named(table)} DROP COLUMN ${named(column.name)};
-- CREATE VIEW ${named(view)} AS …`,
  };
}

/** A key that goes while others refer to it. */
function droppedKey(
  table: string,
  key: LiveConstraint,
  all: readonly Change[],
  { current }: Settling,
): Refusal | undefined {
  if (key.kind !== "primary" && key.kind !== "unique") return undefined;
  const columns = [...key.columns].sort().join("\n");
  const [kept] = referring(table, current).filter(([other, foreign]) =>
    [...foreign.references ?? []].sort().join("\n") === columns &&
    !isDropped(other, foreign, all)
  );
  if (kept === undefined) return undefined;
  const [other, foreign] = kept;
  return {
    change:
      `change or drop the key ${key.name} of ${table}: the foreign key ${foreign.name} of ${other} needs it`,
    sketch: `ALTER TABLE ${named(other)} DROP CONSTRAINT ${named(foreign.name)};
ALTER TABLE ${named(table)} DROP CONSTRAINT ${named(key.name)};
-- The new key; then
${addConstraint(other, { ...foreign, validated: false })};
ALTER TABLE ${named(other)} VALIDATE CONSTRAINT ${named(foreign.name)};`,
  };
}

/** What servers cannot do to a table that is split without holding everyone up. */
function constraintOnParts(
  table: string,
  constraint: LiveConstraint,
  { current, scratch }: Settling,
): Refusal | undefined {
  const there = current.get(table);
  if (there === undefined || there.partition === null) return undefined;
  const { kind, name } = constraint;
  const add = `${addConstraint(table, constraint)};`;
  if (kind === "foreign" && scratch.version < 180000) {
    return {
      change:
        `add the foreign key ${name} to ${table}, which is split: before PostgreSQL 18 nobody could write to it meanwhile`,
      sketch: add,
    };
  }
  if (kind !== "primary" && kind !== "unique") return undefined;
  const [first] = there.parts;
  const part = first?.name ?? `${table}_part_0`;
  const build = createIndex(
    {
      name: `${part}_key`,
      unique: true,
      definition: `USING btree (${constraint.columns.map(named).join(", ")})`,
    },
    part,
    "CONCURRENTLY ",
  );
  return {
    change:
      `add the key ${name} to ${table}, which is split: its index is to be built partition by partition`,
    sketch: `${add.replace("ALTER TABLE", "ALTER TABLE ONLY")}
-- for each partition
-- dbp:step tx=none lock_timeout=0 statement_timeout=2h
${build};
-- dbp:step
ALTER TABLE ${named(part)} ADD CONSTRAINT ${named(`${part}_key`)} ${
      kind === "primary" ? "PRIMARY KEY" : "UNIQUE"
    } USING INDEX ${named(`${part}_key`)};
ALTER INDEX ${named(name)} ATTACH PARTITION ${named(`${part}_key`)};`,
  };
}

/** Foreign keys of other tables to one. */
function referring(
  table: string,
  current: Settling["current"],
): (readonly [string, LiveConstraint])[] {
  return [...current.values()].flatMap((other) =>
    other.constraints.filter((key) =>
      key.kind === "foreign" && key.table === table
    )
      .map((key): readonly [string, LiveConstraint] => [other.name, key])
  );
}

function isDropped(
  table: string,
  key: LiveConstraint,
  all: readonly Change[],
): boolean {
  return all.some((change) =>
    change.kind === "drop-constraint"
      ? change.table === table && change.constraint.name === key.name
      : change.kind === "change-constraint"
      ? change.table === table && change.from.name === key.name
      : change.kind === "drop-table" && change.table.name === table
  );
}

function viewOf(table: LiveTable, column: string): string | undefined {
  return table.views.find((view) => view.endsWith(`.${column}`))
    ?.slice(0, -column.length - 1);
}
