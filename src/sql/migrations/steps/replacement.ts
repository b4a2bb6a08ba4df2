import type { CarriedSettings } from "../compare/carried_settings.ts";
import { list, named } from "../../codec/quote.ts";
import type {
  LiveColumn,
  LiveConstraint,
  LiveIndex,
  LiveTable,
} from "../../schema/introspect.ts";
import { shortName } from "../../schema/table.ts";
import type { Tables } from "../compare/scratch_schema.ts";

/** A column that a second column replaces. */
export interface ReplacedColumn {
  readonly from: LiveColumn;
  readonly to: LiveColumn;
  /** The name of the second column until it replaces the first. */
  readonly second: string;
  /** The temporary constraint that proves that the second column has no null; undefined if it may have null. */
  readonly proof: string | undefined;
}

/** A rule or an index of a replaced column. */
interface Copied<T> {
  readonly rule: T;
  /** Its definition on the second columns. */
  readonly definition: string;
  /** The name of its copy on the second columns. */
  readonly copy: string;
}

/** The index that a key is made from, and what the key says besides. */
interface FromIndex {
  readonly index: string;
  readonly ending: string;
}

/** A table of which columns are replaced. */
export interface Replacement {
  readonly live: LiveTable;
  readonly columns: readonly ReplacedColumn[];
  readonly sync: string;
  readonly keys: readonly (Copied<LiveConstraint> & {
    /** Undefined if the server cannot make the key from an index. */
    readonly fromIndex: FromIndex | undefined;
  })[];
  readonly checks: readonly Copied<LiveConstraint>[];
  readonly indexes: readonly Copied<LiveIndex>[];
  /** Other columns that are computed from the replaced ones. */
  readonly computed: readonly LiveColumn[];
  readonly carried: CarriedSettings;
}

/** A foreign key and its table. */
export interface OwnedKey {
  readonly table: string;
  readonly rule: LiveConstraint;
}

/** A foreign key of or to replaced columns. */
export interface ReplacedForeignKey extends Copied<LiveConstraint>, OwnedKey {
  /** Whether it can be added only when the columns are replaced. */
  readonly isLate: boolean;
}

/** A table, and how the server describes it when its replaced columns have their second names. */
export interface Described {
  readonly live: LiveTable;
  readonly columns: readonly Pick<ReplacedColumn, "from" | "to" | "second">[];
  readonly renamed: LiveTable;
  readonly carried: CarriedSettings;
}

/** Returns names that no existing object has: those of columns, and those of indexes and constraints. */
export function freeNames(
  tables: Iterable<LiveTable>,
): (name: string) => string {
  const occupied = new Set(
    [...tables].flatMap((table) => [
      table.name,
      ...[
        table.columns,
        table.constraints,
        table.indexes,
        table.parts,
        table.triggers,
      ].flatMap((objects) => objects.map(({ name }) => name)),
    ]),
  );
  return (name) => {
    for (let count = 0;; count++) {
      const free = shortName(count === 0 ? name : `${name}${count}`);
      if (occupied.has(free)) continue;
      occupied.add(free);
      return free;
    }
  };
}

/** Returns what replaces the columns of a table. */
export function replacementOf(
  { live, columns, renamed, carried }: Described,
  freeName: (name: string) => string,
): Replacement {
  const uses = ({ columns: used }: { readonly columns: readonly string[] }) =>
    columns.some(({ to }) => used.includes(to.name));
  const definitions = new Map(
    [...renamed.constraints, ...renamed.indexes].map((
      { name, definition },
    ) => [name, definition]),
  );
  const copied = <T extends LiveConstraint | LiveIndex>(
    rules: readonly T[],
  ): Copied<T>[] =>
    rules.filter(uses).map((rule) => ({
      rule,
      definition: definitions.get(rule.name) ?? rule.definition,
      copy: freeName(`${rule.name}_new`),
    }));
  const isSplit = live.partition !== null;
  const before = new Map(live.columns.map(({ name, default: value }) => [
    name,
    value,
  ]));
  return {
    live,
    columns: columns.map((column) => ({
      ...column,
      proof: column.from.nullable || column.to.nullable
        ? undefined
        : freeName(`${live.name}_${column.second}_nn`),
    })),
    // Triggers fire in the order of their names: this one sees what others have changed.
    sync: freeName(`zz_${live.name}_sync`),
    keys: copied(
      live.constraints.filter(({ kind }) =>
        kind !== "check" && kind !== "foreign"
      ),
    ).map((key) => ({
      ...key,
      fromIndex: isSplit ? undefined : fromIndex(key.definition),
    })),
    checks: copied(live.constraints.filter(({ kind }) => kind === "check")),
    indexes: copied(live.indexes.filter(({ valid }) => valid)),
    carried,
    computed: renamed.columns.filter((column) =>
      (column.generated === "stored" || column.generated === "virtual") &&
      column.default !== before.get(column.name)
    ).flatMap(({ name }) =>
      live.columns.filter((column) => column.name === name)
    ),
  };
}

/** Returns the index that a primary or unique key can be made from. */
function fromIndex(definition: string): FromIndex | undefined {
  const found =
    /^(?:PRIMARY KEY|UNIQUE)( NULLS NOT DISTINCT)? (\(.*?\))( INCLUDE \(.*?\))?((?: (?:NOT )?DEFERRABLE| INITIALLY \w+)*)$/
      .exec(definition);
  if (found === null || definition.includes(" WITHOUT OVERLAPS)")) {
    return undefined;
  }
  const [, nulls = "", columns = "", include = "", ending = ""] = found;
  return { index: `USING btree ${columns}${include}${nulls}`, ending };
}

/** Returns the foreign keys of and to replaced columns. */
export function replacedForeignKeys(
  replacements: readonly Replacement[],
  tables: Tables,
  freeName: (name: string) => string,
): ReplacedForeignKey[] {
  const seconds = new Map(
    replacements.map(({ live, columns }) => [
      live.name,
      new Map(columns.map(({ to, second }) => [to.name, second])),
    ]),
  );
  return [...tables.values()].flatMap(({ name: table, constraints }) =>
    constraints.flatMap((rule): ReplacedForeignKey[] => {
      const { kind, columns, references, table: target } = rule;
      if (kind !== "foreign" || references === null || target === null) {
        return [];
      }
      const own = seconds.get(table);
      const others = seconds.get(target);
      const isTarget = references.some((name) => others?.has(name));
      if (!columns.some((name) => own?.has(name)) && !isTarget) return [];
      const isLate = isTarget && tables.get(target)?.partition !== null;
      return [{
        table,
        rule,
        copy: isLate ? rule.name : freeName(`${rule.name}_new`),
        definition: isLate
          ? rule.definition
          : renamedKey(rule.definition, own, others),
        isLate,
      }];
    })
  );
}

/** Returns the existing foreign keys of and to replaced tables. */
export function existingForeignKeys(
  replacements: readonly Replacement[],
  tables: Tables,
): OwnedKey[] {
  const names = new Set(replacements.map(({ live }) => live.name));
  return [...tables.values()].flatMap(({ name: table, constraints }) =>
    constraints.filter((rule) =>
      rule.kind === "foreign" &&
      (names.has(table) || names.has(rule.table ?? ""))
    ).map((rule) => ({ table, rule }))
  );
}

/** Returns the definition of a foreign key on the second columns. */
function renamedKey(
  definition: string,
  own: ReadonlyMap<string, string> | undefined,
  others: ReadonlyMap<string, string> | undefined,
): string {
  // The lists of columns: its own, the referenced ones, and those that SET NULL sets.
  let count = 0;
  return definition.replaceAll(
    /\(((?:"(?:[^"]|"")*"|[^()"])*)\)/g,
    (_, text) => {
      const renames = count++ === 1 ? others : own;
      const names = [...String(text).matchAll(/"(?:[^"]|"")*"|[^,\s]+/g)].map((
        [name],
      ) =>
        name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name
      );
      return `(${list(names.map((name) => renames?.get(name) ?? name))})`;
    },
  );
}

/** Returns `ALTER TABLE` of a table. */
export function alterTable(table: string): string {
  return `ALTER TABLE ${named(table)}`;
}
