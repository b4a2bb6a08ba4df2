import { printable } from "../../../base/errors/printable.ts";
import { named } from "../../codec/quote.ts";
import type { LiveColumn } from "../../schema/introspect.ts";
import { addConstraint, createIndex, typeText } from "../../schema/recreate.ts";
import type { Tables } from "../compare/scratch_schema.ts";
import {
  alterTable,
  type Described,
  existingForeignKeys,
  freeNames,
  type OwnedKey,
  type ReplacedForeignKey,
  replacedForeignKeys,
  type Replacement,
  replacementOf,
} from "./replacement.ts";
import { head, isAtOnce } from "./replacement_head.ts";
import { swapOrder, uses } from "./replacement_order.ts";
import { swap } from "./replacement_swap.ts";

const STEP = "-- dbp:step";
/** Locks of several tables can deadlock with writers. The server looks for a deadlock after a second: this step gives way before. */
const LOCKS = "lock_timeout=300ms";
const LONG_STEP = `${STEP} statement_timeout=1h`;
const CONCURRENT_STEP = `${STEP} tx=none lock_timeout=0 statement_timeout=2h`;

/**
 * Returns an up file that changes the types of columns while programs read and
 * write: second columns, kept in sync by triggers, replace the first ones.
 *
 * @param version the version of the server, such as 180001
 * @param tables the existing tables
 */
export function replacementSketch(
  described: readonly Described[],
  { version, tables }: { readonly version: number; readonly tables: Tables },
): string {
  const wanted = new Map([
    ...tables,
    ...described.map(({ live }) => [live.name, live] as const),
  ]);
  const freeName = freeNames([...tables.values(), ...wanted.values()]);
  const replacements = described.map((one) => replacementOf(one, freeName));
  const foreignKeys = replacedForeignKeys(replacements, wanted, freeName);
  const remaining = new Set(existingForeignKeys(replacements, tables));
  const [late, early] = [true, false].map((isLate) =>
    foreignKeys.filter((key) => key.isLate === isLate)
  );
  const add = (key: ReplacedForeignKey): string[] =>
    addForeignKey(key, version, tables);
  const unnamed = new Set(foreignKeys);
  return [
    ...head(replacements, foreignKeys, version, tables),
    ...replacements.flatMap(addColumns),
    ...replacements.flatMap(fill),
    ...replacements.flatMap(buildIndexes),
    ...replacements.flatMap(addChecks),
    ...(early ?? []).flatMap(add),
    ...swapOrder(replacements, foreignKeys).flatMap((step) => [
      ...swapHead(step),
      ...step.flatMap((replacement) => {
        const of = <Key extends OwnedKey>(keys: Set<Key>): Key[] => {
          const own = [...keys].filter((key) => uses(key, replacement));
          for (const key of own) keys.delete(key);
          return own;
        };
        return swap(replacement, {
          dropped: of(remaining),
          added: of(unnamed),
        });
      }),
    ]),
    ...(late ?? []).flatMap(add),
    ...commented(replacements),
  ].join("\n");
}

/** Restores the comments on keys and indexes. */
function commented(replacements: readonly Replacement[]): string[] {
  const comments = replacements.flatMap(({ carried }) => carried.comments);
  return comments.length === 0 ? [] : [STEP, ...comments];
}

/** Adds the second columns and keeps them in sync. */
function addColumns({ live, columns, sync }: Replacement): string[] {
  const table = named(live.name);
  const assigned = columns.map(({ from, to, second }) =>
    `NEW.${named(second)} := NEW.${named(to.name)}${cast(from, to)};`
  );
  return [
    STEP,
    ...columns.map(({ to, second }) =>
      `${alterTable(live.name)} ADD COLUMN ${named(second)} ${
        typeText({ ...to, generated: null })
      };`
    ),
    `CREATE FUNCTION ${named(sync)}() RETURNS trigger LANGUAGE plpgsql`,
    `  AS $$ BEGIN ${assigned.join(" ")} RETURN NEW; END $$;`,
    `CREATE TRIGGER ${named(sync)} BEFORE INSERT OR UPDATE ON ${table}`,
    `  FOR EACH ROW EXECUTE FUNCTION ${named(sync)}();`,
  ];
}

/** Returns the cast to a type: to an enum by way of text, and to a limited text without truncating it. */
function cast(from: LiveColumn, to: LiveColumn): string {
  if (from.values !== null || to.values !== null) return `::text::${to.type}`;
  return /^(?:character|bit)/.test(to.type) ? "::text" : `::${to.type}`;
}

/** Fills the second columns in batches. */
function fill({ live, columns }: Replacement): string[] {
  const table = named(live.name);
  const isInParts = live.partition !== null ||
    live.dependents.some(({ kind }) => kind === "table");
  const [row, rows] = isInParts
    ? ["(tableoid, ctid)", "tableoid, ctid"]
    : ["ctid", "ctid"];
  const set = columns.map(({ from, to, second }) =>
    `${named(second)} = ${named(to.name)}${cast(from, to)}`
  );
  const empty = columns.map(({ to, second }) =>
    `(${named(second)} IS NULL AND ${named(to.name)} IS NOT NULL)`
  );
  const names = live.triggers.map(({ name }) => name);
  return [
    `${STEP} repeat statement_timeout=1h`,
    ...names.length === 0 ? [] : [
      `-- Each UPDATE of ${table} fires its triggers: ${
        printable(names.join(", "))
      }. Check that they may run, and that their functions can be used when the types change.`,
    ],
    `UPDATE ${table} SET ${set.join(", ")} WHERE ${row} IN (`,
    `  SELECT ${rows} FROM ${table} WHERE ${empty.join(" OR ")} LIMIT 10000);`,
  ];
}

/** Builds the indexes of the second columns while others write. */
function buildIndexes({ live, keys, indexes }: Replacement): string[] {
  if (live.partition !== null) return [];
  const build = (name: string, unique: boolean, definition: string) => [
    CONCURRENT_STEP,
    `${createIndex({ name, unique, definition }, live.name, "CONCURRENTLY ")};`,
  ];
  return [
    ...keys.flatMap(({ copy, fromIndex }) =>
      fromIndex === undefined ? [] : build(copy, true, fromIndex.index)
    ),
    ...indexes.flatMap(({ rule, copy, definition }) =>
      build(copy, rule.unique, definition)
    ),
  ];
}

/** Adds the checks of the second columns, and proves that they have no null. */
function addChecks({ live, columns, checks }: Replacement): string[] {
  const added = [
    ...columns.flatMap(({ second, proof }) =>
      proof === undefined ? [] : [{
        name: proof,
        definition: `CHECK (${named(second)} IS NOT NULL)`,
        validated: true,
      }]
    ),
    ...checks.map(({ rule, copy, definition }) => ({
      name: copy,
      definition,
      validated: rule.validated,
    })),
  ];
  if (added.length === 0) return [];
  const alter = alterTable(live.name);
  return [
    STEP,
    ...added.map(({ name, definition }) =>
      `${alter} ADD CONSTRAINT ${named(name)} ${definition} NOT VALID;`
    ),
    ...added.filter(({ validated }) => validated).flatMap(({ name }) => [
      LONG_STEP,
      `${alter} VALIDATE CONSTRAINT ${named(name)};`,
    ]),
  ];
}

/** Adds a foreign key, and checks the existing rows in a later step. */
function addForeignKey(
  { table, rule, copy, definition }: ReplacedForeignKey,
  version: number,
  tables: Tables,
): string[] {
  const key = { ...rule, name: copy, definition };
  if (isAtOnce(table, version, tables)) {
    return [
      `${LONG_STEP} ${LOCKS}`,
      `-- Nobody can write to ${table} or ${rule.table} while the server reads all rows: before PostgreSQL 18 a partitioned table cannot add a foreign key NOT VALID.`,
      `${addConstraint(table, key)};`,
    ];
  }
  return [
    `${STEP} ${LOCKS}`,
    `${addConstraint(table, { ...key, validated: false })};`,
    ...rule.validated
      ? [
        LONG_STEP,
        `${alterTable(table)} VALIDATE CONSTRAINT ${named(copy)};`,
      ]
      : [],
  ];
}

/** Starts the step of a swap, and names what blocks a table in it. */
function swapHead(step: readonly Replacement[]): string[] {
  const notes = step.map(swapNotes);
  const isLong = notes.some(({ blocking }) => blocking.length > 0);
  return [
    `${isLong ? LONG_STEP : STEP} ${LOCKS}`,
    ...notes.flatMap(({ blocking, others }) =>
      [...blocking, ...others].map((note) => `-- ${printable(note)}`)
    ),
  ];
}

function swapNotes(
  { live, columns, keys, indexes, computed }: Replacement,
): { readonly blocking: string[]; readonly others: string[] } {
  const { name, partition } = live;
  const built = [
    ...keys.filter(({ fromIndex }) => fromIndex === undefined),
    ...partition === null ? [] : indexes,
  ].map(({ rule }) => rule.name).join(", ");
  const stored = computed.filter(({ generated }) => generated === "stored")
    .map(({ name }) => name).join(", ");
  const materialized = live.views.filter((view) =>
    view.kind === "materialized view" &&
    columns.some(({ to }) => view.columns.includes(to.name))
  ).map(({ name }) => name).join(", ");
  const blocking = [
    built === ""
      ? ""
      : partition === null
      ? `builds ${built}, which it cannot make from an index`
      : `builds ${built} here: ${name} is partitioned, and PostgreSQL cannot build indexes of a partitioned table CONCURRENTLY`,
    stored === "" ? "" : `rewrites all rows to compute ${stored}`,
    materialized === "" ? "" : `fills ${materialized}`,
  ].filter((work) => work !== "");
  return {
    blocking: blocking.map((work) =>
      `Nobody can use ${name} while the server ${work}.`
    ),
    others: computed.length === 0 ? [] : [
      `The next make_migrations adds the keys and indexes of ${
        computed.map(({ name }) => name).join(", ")
      } again.`,
    ],
  };
}
