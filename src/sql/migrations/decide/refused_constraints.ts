import type { Refusal } from "../../../migrations/plan/draft.ts";
import { list, named } from "../../codec/quote.ts";
import { isValidation } from "../../schema/change.ts";
import type { LiveConstraint } from "../../schema/introspect.ts";
import { addConstraint, createIndex } from "../../schema/recreate.ts";
import type { DecisionContext } from "./decision_context.ts";

/** Refuses to drop a key that a remaining foreign key refers to. */
export function droppedKey(
  table: string,
  key: LiveConstraint,
  context: DecisionContext,
): Refusal | undefined {
  if (key.kind !== "primary" && key.kind !== "unique") return undefined;
  const columns = [...key.columns].sort().join("\n");
  const [kept] = remainingForeignKeys(table, context).filter(([, foreign]) =>
    [...foreign.references ?? []].sort().join("\n") === columns
  );
  if (kept === undefined) return undefined;
  const [other, foreign] = kept;
  return {
    change:
      `change or drop the key ${key.name} of ${table}: the foreign key ${foreign.name} of ${other} depends on it`,
    sketch: `ALTER TABLE ${named(other)} DROP CONSTRAINT ${named(foreign.name)};
ALTER TABLE ${named(table)} DROP CONSTRAINT ${named(key.name)};
-- Add the new key here. Then:
${addConstraint(other, { ...foreign, validated: false })};
ALTER TABLE ${named(other)} VALIDATE CONSTRAINT ${named(foreign.name)};`,
  };
}

/** Refuses a constraint that the server cannot add to a partitioned table without blocking all reads and writes. */
export function constraintOnPartitions(
  table: string,
  constraint: LiveConstraint,
  { current, scratch }: DecisionContext,
): Refusal | undefined {
  const live = current.get(table);
  if (live === undefined || live.partition === null) return undefined;
  const { kind, name } = constraint;
  const add = `${addConstraint(table, constraint)};`;
  if (kind === "foreign" && scratch.version < 180000) {
    return {
      change:
        `add the foreign key ${name} to the partitioned table ${table}: before PostgreSQL 18, this blocks all writes to it until every row is checked`,
      sketch: add,
    };
  }
  if (kind !== "primary" && kind !== "unique") return undefined;
  const [first] = live.parts;
  const part = first?.name ?? `${table}_part_0`;
  const index = `${part}_key`;
  const definition = `USING btree (${list(constraint.columns)})`;
  return {
    change:
      `add the key ${name} to the partitioned table ${table}: its index must be built partition by partition`,
    sketch: `${add.replace("ALTER TABLE", "ALTER TABLE ONLY")}
-- For each partition:
-- dbp:step tx=none lock_timeout=0 statement_timeout=2h
${
      createIndex(
        { name: index, unique: true, definition },
        part,
        "CONCURRENTLY ",
      )
    };
-- dbp:step
ALTER TABLE ${named(part)} ADD CONSTRAINT ${named(index)} ${
      kind === "primary" ? "PRIMARY KEY" : "UNIQUE"
    } USING INDEX ${named(index)};
ALTER INDEX ${named(name)} ATTACH PARTITION ${named(index)};`,
  };
}

/** Returns the foreign keys to a table that the file does not drop, each with its own table. */
export function remainingForeignKeys(
  table: string,
  { current, changes }: Pick<DecisionContext, "current" | "changes">,
): (readonly [table: string, key: LiveConstraint])[] {
  const isDropped = (other: string, name: string): boolean =>
    changes.some((change) =>
      change.table === other &&
      (change.kind === "table"
        ? change.to === undefined
        : change.kind === "constraint" && change.from?.name === name &&
          !isValidation(change))
    );
  return [...current.values()].flatMap(({ name, constraints }) =>
    constraints.filter((key) =>
      key.kind === "foreign" && key.table === table &&
      !isDropped(name, key.name)
    ).map((key) => [name, key] as const)
  );
}
