import { managedName } from "../../../migrations/plan/managed_names.ts";
import type { Renames } from "../../../migrations/plan/renames.ts";
import { list, named } from "../../codec/quote.ts";
import type { Change } from "../../schema/change.ts";
import type {
  LiveConstraint,
  LiveIndex,
  LiveTable,
} from "../../schema/introspect.ts";
import type { Scratch } from "../compare/scratch_schema.ts";
import { keyExpressions } from "./key_expressions.ts";

/** The number at which the count of rows stops. */
export const MOST = 1000;

/** What decides which rows are counted. */
export interface Counted {
  readonly scratch: Scratch;
  readonly changes: readonly Change[];
  readonly renames: Renames;
}

/** How the rows that a rule refuses are found. */
export interface Question {
  /** The rule, for people: `the new key t_a_key of t`. */
  readonly rule: string;
  /** Returns a count, an example, and the number of different values. */
  readonly text: string;
  describe(count: string, example: string, values: number): string;
}

/** Returns how the rows that a change refuses are found; undefined if it refuses none. */
export function questionOf(
  change: Change,
  counted: Counted,
): Question | undefined {
  switch (change.kind) {
    case "constraint": {
      const { table, from, to } = change;
      const isSame = from !== undefined && from.validated &&
        from.definition === to?.definition;
      return to === undefined || !to.validated || isSame
        ? undefined
        : constraintQuestion(table, to, counted);
    }
    case "index":
      return change.to?.unique === true && change.from?.valid !== false
        ? indexQuestion(change.table, change.to, counted)
        : undefined;
    case "nullability":
      return change.to.nullable || change.fill !== undefined
        ? undefined
        : nullQuestion(change.table, change.to.name, counted);
    default:
      return undefined;
  }
}

function constraintQuestion(
  table: string,
  constraint: LiveConstraint,
  counted: Counted,
): Question | undefined {
  const { kind, name, columns, definition } = constraint;
  switch (kind) {
    case "primary":
    case "unique":
      return keyQuestion(`the key ${name} of ${table}`, table, {
        keys: columns.map(named),
        columns,
        areNullsEqual: definition.includes("NULLS NOT DISTINCT"),
      }, counted);
    case "check":
      return checkQuestion(table, constraint, counted);
    case "foreign":
      return foreignQuestion(table, constraint, counted);
    case "exclusion":
      return undefined;
  }
}

interface Key {
  /** The columns or expressions whose values must be unique. */
  readonly keys: readonly string[];
  readonly columns: readonly string[];
  readonly areNullsEqual: boolean;
  readonly where?: string | undefined;
}

function keyQuestion(
  rule: string,
  table: string,
  { keys, columns, areNullsEqual, where }: Key,
  counted: Counted,
): Question | undefined {
  const source = rowsOf(table, columns, counted);
  if (source === undefined) return undefined;
  const conditions = [
    ...areNullsEqual ? [] : keys.map((key) => `${key} is not null`),
    ...where === undefined ? [] : [`(${where})`],
  ];
  const values = keys.join(", ");
  return {
    rule,
    text:
      `select sum(n), (array_agg(example))[1], count(*) from (select count(*) as n, concat_ws(', ', ${values}) as example from ${source}${
        conditions.length === 0 ? "" : ` where ${conditions.join(" and ")}`
      } group by ${values} having count(*) > 1 limit ${MOST}) as equal`,
    describe: (count, example, different) =>
      `${count} share ${
        different === 1 ? "1 value" : `${different} values`
      } of (${keys.join(", ")}), such as (${example})`,
  };
}

function indexQuestion(
  table: string,
  { name, columns, definition }: LiveIndex,
  counted: Counted,
): Question | undefined {
  const key = keyExpressions(definition);
  return key && keyQuestion(
    `the unique index ${name} of ${table}`,
    table,
    { ...key, columns },
    counted,
  );
}

function checkQuestion(
  table: string,
  { name, columns, definition }: LiveConstraint,
  counted: Counted,
): Question | undefined {
  const [, condition] = /^CHECK \((.*)\)(?: NO INHERIT)?(?: NOT VALID)?$/s
    .exec(definition) ?? [];
  const source = rowsOf(table, columns, counted);
  if (source === undefined || condition === undefined) return undefined;
  return {
    rule: `the check ${name} of ${table}`,
    text: offenders(source, columns, `not (${condition})`),
    describe: (count, example) =>
      `${count} for which CHECK (${condition}) is false, such as (${example})`,
  };
}

function foreignQuestion(
  table: string,
  { name, columns, table: target, references }: LiveConstraint,
  counted: Counted,
): Question | undefined {
  const source = rowsOf(table, columns, counted);
  if (source === undefined || target === null || references === null) {
    return undefined;
  }
  const parent = rowsOf(target, references, counted, "dbp_parent");
  const matching = references.map((reference, index) =>
    `dbp_parent.${named(reference)} = ${named(table)}.${
      named(columns[index] ?? "")
    }`
  );
  // The rows of a table that the file creates do not exist yet.
  const missing = parent === undefined
    ? []
    : [`not exists (select from ${parent} where ${matching.join(" and ")})`];
  return {
    rule: `the foreign key ${name} of ${table}`,
    text: offenders(
      source,
      columns,
      [...columns.map((column) => `${named(column)} is not null`), ...missing]
        .join(" and "),
    ),
    describe: (count, example) =>
      `${count} without a row of ${target}, such as (${example})`,
  };
}

function nullQuestion(
  table: string,
  column: string,
  counted: Counted,
): Question | undefined {
  const source = rowsOf(table, [column], counted);
  return source === undefined ? undefined : {
    rule: `NOT NULL of ${managedName.column(table, column)}`,
    text: offenders(source, [], `${named(column)} is null`),
    describe: (count) => `${count} with null`,
  };
}

function offenders(
  source: string,
  columns: readonly string[],
  condition: string,
): string {
  const example = columns.length === 0
    ? "null"
    : `concat_ws(', ', ${list(columns)})`;
  return `select count(*), (array_agg(example))[1] from (select ${example} as example from ${source} where ${condition} limit ${
    MOST + 1
  }) as offending`;
}

/** Returns the existing rows of a table under the new names of its columns; undefined if it has none of the columns yet. */
function rowsOf(
  table: string,
  columns: readonly string[],
  { scratch, renames, changes }: Counted,
  alias: string = table,
): string | undefined {
  const old = [...renames.tables].find(([, to]) => to === table)?.[0] ?? table;
  const live: LiveTable | undefined = scratch.live.get(old);
  if (live === undefined) return undefined;
  const newNames = renames.columns.get(old);
  const existing = live.columns.map(({ name }) =>
    [name, newNames?.get(name) ?? name] as const
  );
  const names = new Set(existing.map(([, name]) => name));
  const isChanged = changes.some((change) =>
    change.kind === "nullability" && change.fill !== undefined &&
    change.table === table && columns.includes(change.to.name)
  );
  if (isChanged || !columns.every((name) => names.has(name))) return undefined;
  const selected = existing.map(([from, to]) =>
    `${named(from)} as ${named(to)}`
  )
    .join(", ");
  return `(select ${selected} from ${named(scratch.home)}.${named(old)}) as ${
    named(alias)
  }`;
}
