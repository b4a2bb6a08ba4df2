import { printable } from "../../../base/errors/printable.ts";
import { managedName } from "../../../migrations/plan/managed_names.ts";
import { list, named, quoted } from "../../codec/quote.ts";
import type { LiveColumn } from "../../schema/introspect.ts";
import {
  addConstraint,
  columnText,
  commentOn,
  createIndex,
  valueClause,
} from "../../schema/recreate.ts";
import { type Dependent, dependentsOf } from "../compare/dependents.ts";
import { setDefault } from "./column_defaults.ts";
import {
  alterTable,
  type OwnedKey,
  type ReplacedColumn,
  type ReplacedForeignKey,
  type Replacement,
} from "./replacement.ts";

/** Returns the statements and comments that put the second columns in the places of the first ones. */
export function swap(
  replacement: Replacement,
  { dropped, added }: {
    readonly dropped: readonly OwnedKey[];
    readonly added: readonly ReplacedForeignKey[];
  },
): string[] {
  const { live, columns, sync, keys, checks, indexes, computed } = replacement;
  const table = named(live.name);
  const alter = alterTable(live.name);
  const dependents = dependentsOfColumns(replacement);
  const isSplit = live.partition !== null;
  return [
    ...dependents.flatMap(droppedDependent),
    ...dropped.map(({ table, rule }) =>
      `${alterTable(table)} DROP CONSTRAINT ${named(rule.name)};`
    ),
    `DROP TRIGGER ${named(sync)} ON ${table};`,
    `DROP FUNCTION ${named(sync)}();`,
    ...columns.flatMap((column) => kept(live.name, column)),
    ...computed.map(({ name }) => `${alter} DROP COLUMN ${named(name)};`),
    ...columns.map(({ to }) => `${alter} DROP COLUMN ${named(to.name)};`),
    ...columns.map(({ to, second }) =>
      `${alter} RENAME COLUMN ${named(second)} TO ${named(to.name)};`
    ),
    ...computed.map((column) => `${alter} ADD COLUMN ${columnText(column)};`),
    ...columns.flatMap(({ to, proof }) =>
      proof === undefined ? [] : [
        `${alter} ALTER COLUMN ${named(to.name)} SET NOT NULL;`,
        `${alter} DROP CONSTRAINT ${named(proof)};`,
      ]
    ),
    ...keys.map(({ rule, fromIndex, copy }) =>
      fromIndex === undefined
        ? `${addConstraint(live.name, rule)};`
        : `${alter} ADD CONSTRAINT ${named(rule.name)} ${
          rule.kind === "primary" ? "PRIMARY KEY" : "UNIQUE"
        } USING INDEX ${named(copy)}${fromIndex.ending};`
    ),
    ...checks.map(({ rule, copy }) =>
      `${alter} RENAME CONSTRAINT ${named(copy)} TO ${named(rule.name)};`
    ),
    ...added.filter(({ isLate }) => !isLate).map((
      { table, rule, copy },
    ) =>
      `${alterTable(table)} RENAME CONSTRAINT ${named(copy)} TO ${
        named(rule.name)
      };`
    ),
    ...indexes.flatMap(({ rule, copy }) => [
      isSplit
        ? `${createIndex(rule, live.name)};`
        : `ALTER INDEX ${named(copy)} RENAME TO ${named(rule.name)};`,
      ...rule.storage === null || isSplit
        ? []
        : [`ALTER INDEX ${named(rule.name)} SET (${rule.storage});`],
    ]),
    ...columns.flatMap((column) => filled(live.name, column)),
    ...columns.flatMap(({ to }) =>
      to.comment === null
        ? []
        : [`${commentOn(live.name, to.name, to.comment)};`]
    ),
    ...replacement.carried.columns,
    ...[...keys, ...indexes].some(({ rule }) =>
        rule.name === live.replicaIdentity
      )
      ? [
        `${alter} REPLICA IDENTITY USING INDEX ${
          list([live.replicaIdentity ?? ""])
        };`,
      ]
      : [],
    ...dependents.map(({ create }) => create),
    ...live.dependents.flatMap((other) =>
      other.kind === "statistics" &&
        columns.some(({ to }) => other.columns.includes(to.name))
        ? [
          `-- The ${
            printable(other.description)
          } are dropped with the column: recreate them here.`,
        ]
        : []
    ),
  ];
}

/** Returns the views, triggers and other objects that use replaced columns, each with a first column. */
function dependentsOfColumns(
  { live, columns, computed }: Replacement,
): readonly Dependent[] {
  const names = [
    ...columns.map(({ to }) => to.name),
    ...computed.map(({ name }) => name),
  ];
  const found = new Map<string, Dependent>();
  for (const name of names) {
    for (const { reason, drop, create } of dependentsOf(live, name)) {
      if (found.has(reason)) continue;
      const column = managedName.column(live.name, name);
      found.set(reason, {
        reason: reason.replace(/it$/, column),
        drop,
        create,
      });
    }
  }
  return [...found.values()];
}

/** Drops an object that uses a replaced column, or says that it must be dropped manually. */
function droppedDependent({ reason, drop }: Dependent): string[] {
  const start = `-- ${reason[0]?.toUpperCase()}${printable(reason.slice(1))}.`;
  return drop.startsWith("--")
    ? [`${start} Drop it here, and recreate it below.`]
    : drop.startsWith("DROP TRIGGER")
    ? [`${start} It is dropped here, and recreated below.`, drop]
    : [
      `${start} It is dropped here, and recreated below without privileges and comments. Drop views of it before, and recreate them too.`,
      drop,
    ];
}

/** The parameters of the transaction that keep where an identity stands. */
const LAST = "dbp.last_value";
const CALLED = "dbp.is_called";

/** Returns the statements that keep the sequence of a column when it is dropped. */
function kept(table: string, { from, second }: ReplacedColumn): string[] {
  const { generated, sequence } = from;
  if (sequence === null) return [];
  return generated === "serial"
    ? [
      `ALTER SEQUENCE ${sequence.name} OWNED BY ${named(table)}.${
        named(second)
      };`,
    ]
    : [
      `SELECT set_config('${LAST}', last_value::text, true), set_config('${CALLED}', is_called::text, true) FROM ${sequence.name};`,
    ];
}

/** Returns the statements that make the server fill a column as it filled the first one. */
function filled(table: string, { from, to }: ReplacedColumn): string[] {
  const { generated, sequence } = from;
  if (sequence !== null && generated === "serial") {
    return [
      ...sequence.type === to.type || !isInteger(to)
        ? []
        : [`ALTER SEQUENCE ${sequence.name} AS ${to.type};`],
      `${
        setDefault(
          table,
          to.name,
          `nextval(${quoted(sequence.name)}::regclass)`,
        )
      };`,
    ];
  }
  if (sequence !== null && isIdentity(from)) {
    const options = to.generated === generated && to.sequence !== null
      ? to.sequence
      : sequence;
    const clause = valueClause({ ...from, sequence: options });
    const identity = clause.endsWith(")")
      ? clause.replace(/\((.*)\)$/, `(SEQUENCE NAME ${sequence.name} $1)`)
      : `${clause} (SEQUENCE NAME ${sequence.name})`;
    return [
      `${alterTable(table)} ALTER COLUMN ${named(to.name)} ADD${identity};`,
      `SELECT setval(${
        quoted(sequence.name)
      }, current_setting('${LAST}')::bigint, current_setting('${CALLED}')::boolean);`,
    ];
  }
  return to.default === null || to.generated !== null
    ? []
    : [`${setDefault(table, to.name, to.default)};`];
}

function isIdentity({ generated }: LiveColumn): boolean {
  return generated === "always" || generated === "by default";
}

function isInteger({ type }: LiveColumn): boolean {
  return ["smallint", "integer", "bigint"].includes(type);
}
