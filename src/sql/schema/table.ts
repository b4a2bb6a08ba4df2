import { createHash } from "node:crypto";
import type { Field } from "../../model/field.ts";
import type {
  AnyModel,
  ForeignKey,
  Index,
  IndexPart,
} from "../../model/types.ts";
import { positionOf } from "../../query/statement/position.ts";
import { named, quoted, quotedName } from "../codec/quote.ts";
import { namesCollation } from "../codec/collations.ts";
import { columnType, isTextType } from "../codec/column_type.ts";
import {
  type PositionIndexKind,
  positionKeys,
} from "../compile/position_index.ts";
import { serialType } from "./serial_type.ts";

/** PostgreSQL truncates names after this number of bytes (`NAMEDATALEN` - 1). */
export const NAME_BYTES = 63;

/** A column as a model defines it. */
interface WantedColumn {
  readonly name: string;
  readonly type: string;
  /** The collation; undefined if it is the default of its type. */
  readonly collation: string | undefined;
  /** Whether the model names no collation, so that an existing column may have any. */
  readonly anyCollation: boolean;
  readonly nullable: boolean;
  readonly default: string | undefined;
  /** The clause of an identity or a generated column. */
  readonly fill: string | undefined;
  readonly comment: string | undefined;
}

/** A table as a model defines it. */
export interface WantedTable {
  readonly name: string;
  readonly columns: readonly WantedColumn[];
  readonly primaryKey: readonly string[];
  /** The name of the primary key; undefined if the server names it. */
  readonly primaryKeyName: string | undefined;
  readonly unique: readonly {
    readonly name: string;
    readonly columns: readonly string[];
  }[];
  readonly checks: readonly { readonly name: string; readonly sql: string }[];
  readonly foreignKeys: readonly WantedForeignKey[];
  readonly indexes: readonly WantedIndex[];
  readonly partition:
    | { readonly column: string; readonly count: number }
    | undefined;
}

/** A foreign key as a model defines it. */
export interface WantedForeignKey {
  readonly name: string;
  readonly columns: readonly string[];
  readonly table: string;
  readonly references: readonly string[];
  readonly onDelete: ForeignKey["onDelete"];
}

/** An index as a model defines it; its parts name columns. */
export interface WantedIndex
  extends Omit<Index, "name" | "fields" | "include"> {
  readonly name: string;
  readonly parts: readonly Exclude<IndexPart, string>[];
  readonly include: readonly string[];
}

/** Returns the collation of new columns of text, so that their indexes have the order of code points. */
export function textCollation(isByCodePoint: boolean): string | undefined {
  return isByCodePoint ? undefined : "C";
}

/**
 * The text before the functions of each kind of position indexes: empty if
 * the search path finds them, undefined if tables have no such indexes.
 */
export type PositionPrefixes = Readonly<
  Record<PositionIndexKind, string | undefined>
>;

const ON_SEARCH_PATH: PositionPrefixes = { zones: "", cube: "", q3c: "" };

/** Leaves out the position indexes of all tables. */
export const NO_POSITION_INDEXES: PositionPrefixes = {
  zones: undefined,
  cube: undefined,
  q3c: undefined,
};

/**
 * Returns the table that a model defines; `models` gives the columns that foreign keys refer to.
 *
 * @param textCollation the collation of new columns of text, if the model names none
 * @param prefixes the text before the functions of position indexes
 */
export function wantedTable(
  model: AnyModel,
  models: readonly AnyModel[],
  textCollation?: string,
  prefixes: PositionPrefixes = ON_SEARCH_PATH,
): WantedTable {
  const { table } = model;
  const columns = (names: readonly string[]): string[] =>
    names.map((name) => columnName(model, name));
  return {
    name: table,
    columns: model.fields.map((field) => wantedColumn(field, textCollation)),
    primaryKey: columns(model.primaryKey.map(String)),
    primaryKeyName: model.primaryKeyName,
    unique: model.unique.map((key) => ({
      name: shortName(`${table}_${columns(key).join("_")}_key`),
      columns: columns(key),
    })),
    checks: [
      ...model.checks,
      ...model.fields.flatMap((field) => enumCheck(table, field)),
    ],
    foreignKeys: model.foreignKeys.map((key) => ({
      name: key.name ??
        shortName(`${table}_${columns(key.fields).join("_")}_fkey`),
      columns: columns(key.fields),
      table: key.references.table,
      references: key.references.fields.map((name) => {
        const target = models.find((other) =>
          other.table === key.references.table
        );
        return target === undefined ? name : columnName(target, name);
      }),
      onDelete: key.onDelete,
    })),
    indexes: [
      ...model.indexes.map((index) => wantedIndex(model, index)),
      ...positionIndex(model, prefixes),
    ],
    partition: model.partitionBy === undefined ? undefined : {
      column: columnName(model, model.partitionBy.hash),
      count: model.partitionBy.partitions,
    },
  };
}

function wantedColumn(
  field: Field,
  textCollation: string | undefined,
): WantedColumn {
  const { description, unit } = field;
  const comment = [description, unit === undefined ? undefined : `[${unit}]`]
    .filter((part) => part !== undefined).join(" ");
  const type = columnType(field);
  return {
    name: field.column,
    type: field.filled === "serial" ? serialType(type) : type,
    collation: field.collation ??
      (isTextType(type) ? textCollation : undefined),
    anyCollation: !namesCollation(field),
    nullable: field.nullable,
    default: field.sqlDefault,
    fill: field.filled === "serial" ? undefined : field.sqlFill,
    comment: comment === "" ? undefined : comment,
  };
}

function wantedIndex(model: AnyModel, index: Index): WantedIndex {
  const parts = index.fields.map((part) => {
    const named = typeof part === "string" ? { field: part } : part;
    return "field" in named
      ? { ...named, field: columnName(model, named.field) }
      : named;
  });
  const label = parts.map((part) => "field" in part ? part.field : "expr");
  return {
    ...index,
    name: index.name ?? shortName(`ix_${model.table}_${label.join("_")}`),
    parts,
    include: (index.include ?? []).map((name) => columnName(model, name)),
  };
}

/** Returns the kind of the position index that a model defines; undefined if it has none. */
export function positionIndexKind(
  { spatial }: AnyModel,
): PositionIndexKind | undefined {
  return spatial === undefined || spatial.index === false
    ? undefined
    : spatial.using ?? "zones";
}

/** Returns the name of the position index of a table. */
export function positionIndexName(table: string): string {
  return shortName(`ix_${table}_position`);
}

function positionIndex(
  model: AnyModel,
  prefixes: PositionPrefixes,
): WantedIndex[] {
  const using = positionIndexKind(model);
  const position = positionOf(model);
  const prefix = using === undefined ? undefined : prefixes[using];
  if (using === undefined || prefix === undefined || position === undefined) {
    return [];
  }
  return [{
    name: positionIndexName(model.table),
    using: using === "cube" ? "gist" : "btree",
    parts: positionKeys(
      { using, prefix },
      position,
      ({ column }) => named(column),
    ),
    include: [],
  }];
}

/** Returns the CHECK constraint of an enum field, whose column is text. */
function enumCheck(
  table: string,
  { column, type }: Field,
): { name: string; sql: string }[] {
  if (type.kind !== "enum") return [];
  const values = type.values.map(quoted);
  return [{
    name: enumCheckName(table, column),
    sql: `${quotedName(column)} in (${values.join(", ")})`,
  }];
}

/** Returns the name of the CHECK constraint of an enum field. */
export function enumCheckName(table: string, column: string): string {
  return shortName(`${table}_${column}_check`);
}

function columnName(model: AnyModel, field: string): string {
  return model.byName.get(field)?.column ?? field;
}

/** Returns a name within the limit of PostgreSQL; a longer one is truncated and ends in a hash. */
export function shortName(name: string): string {
  const bytes = new TextEncoder().encode(name);
  if (bytes.length <= NAME_BYTES) return name;
  const hash = createHash("sha256").update(name).digest("hex").slice(0, 8);
  const start = new TextDecoder().decode(bytes.subarray(0, NAME_BYTES - 9))
    .replace(/\uFFFD+$/, "");
  return `${start}_${hash}`;
}

/** Returns the name that the server gives a primary key; it truncates the name of the table, not the ending. */
export function keyName(table: string): string {
  const ending = "_pkey";
  const bytes = new TextEncoder().encode(table);
  if (bytes.length <= NAME_BYTES - ending.length) return table + ending;
  return new TextDecoder().decode(bytes.subarray(0, NAME_BYTES - ending.length))
    .replace(/\uFFFD+$/, "") + ending;
}
