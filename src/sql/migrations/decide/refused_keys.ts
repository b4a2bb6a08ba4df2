import type { SchemaPlan } from "../../../engine/migrations/mod.ts";
import type { LiveConstraint } from "../../schema/introspect.ts";
import type { Change } from "../compare/change.ts";
import { addConstraint, createIndex } from "../compare/create_sql.ts";
import { named } from "../../codec/quote.ts";
import type { Settling } from "./context.ts";

type Refusal = SchemaPlan["refused"][number];

/** A key that goes while others refer to it. */
export function droppedKey(
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
export function constraintOnParts(
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
export function referring(
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

/** Whether a foreign key goes in the same file. */
export function isDropped(
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
