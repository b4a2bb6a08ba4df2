import type { Derived } from "./derived.ts";
import type { Field } from "./field.ts";

/** A zod object, as `defineModel` reads its types: the row and the input of a write. */
export interface Schema<
  Output extends object = object,
  Input extends object = object,
> {
  /** The types, in the form of Standard Schema, which zod implements. */
  readonly "~standard": {
    readonly types?:
      | { readonly input: Input; readonly output: Output }
      | undefined;
  };
}

/** The row of a zod output: an optional property becomes a nullable field. */
export type RowFrom<Output> = {
  [F in keyof Output]-?: undefined extends Output[F]
    ? Exclude<Output[F], undefined> | null
    : Output[F];
};

/** The input of a write, from the type of a row or of a zod input: nullable fields and fields with a default are optional. */
export type Insertable<Input> =
  & {
    [
      F in keyof Input as null extends Input[F] ? never
        : undefined extends Input[F] ? never
        : F
    ]: Input[F];
  }
  & {
    [
      F in keyof Input as null extends Input[F] ? F
        : undefined extends Input[F] ? F
        : never
    ]?: Input[F] | undefined;
  };

/** A relation: the rows of another model whose fields equal those of this row. */
export interface Relation {
  /** `one`: a row or null; `many`: an array of rows. */
  readonly kind: "one" | "many";
  /** The name of the other model. */
  readonly model: string;
  /** Fields of this model, each with the equal field of the other. */
  readonly on: Readonly<Record<string, string>>;
  /** The order of the rows, by fields of the other model. */
  readonly orderBy?: Readonly<Record<string, "asc" | "desc">> | undefined;
}

/**
 * A row of the model `Name`, as a relation names it. Queries of a connection
 * whose type has that model return its rows instead.
 */
export interface RelatedRow<Name extends string = string> {
  /** The fields of the row. */
  [field: string]: unknown;
  /** Never set; it carries the type. */
  readonly $model?: Name;
}

/** The properties that `include` adds to a row, from the declared relations. */
export type RelationsFrom<R> = {
  [Name in keyof R]: R[Name] extends
    { readonly kind: infer Kind; readonly model: infer Target extends string }
    ? Kind extends "many" ? RelatedRow<Target>[] : RelatedRow<Target> | null
    : RelatedRow | null;
};

/** A foreign key. It names the other table, so that models need not import each other. */
export interface ForeignKey {
  /** The fields of this model. */
  readonly fields: readonly string[];
  /** The table and fields that they reference. */
  readonly references: {
    readonly table: string;
    readonly fields: readonly string[];
  };
  /** The constraint's name; `<table>_<fields>_fkey` by default. */
  readonly name?: string | undefined;
  /** The action on this row when the referenced row is deleted. By default the database rejects that deletion. */
  readonly onDelete?: "cascade" | "set null" | "restrict" | undefined;
}

/** One part of an index: a field, or an SQL expression. */
export type IndexPart =
  | string
  | ({ readonly field: string } & IndexOrder)
  | ({ readonly sql: string } & IndexOrder);

/** The order and operator class of one part of an index. */
export interface IndexOrder {
  /** Ascending by default. */
  readonly order?: "asc" | "desc" | undefined;
  /** The position of nulls, on PostgreSQL. */
  readonly nulls?: "first" | "last" | undefined;
  /** The operator class on PostgreSQL, if not the default of the type: `gin_trgm_ops`, `jsonb_path_ops`. */
  readonly opclass?: string | undefined;
}

/** An index. */
export interface Index {
  /** The parts, in order: a field name, `{ field, order, opclass }`, or `{ sql: "lower(oid)" }`. */
  readonly fields: readonly IndexPart[];
  /** The name; `ix_<table>_<fields>` by default. */
  readonly name?: string | undefined;
  /** The access method; btree by default. */
  readonly using?: "btree" | "hash" | "gin" | "gist" | "brin" | undefined;
  /** An SQL condition: the index covers only rows that satisfy it. */
  readonly where?: string | undefined;
  /** Fields stored in the index for index-only scans. */
  readonly include?: readonly string[] | undefined;
  /** Whether the index rejects a second row with equal fields. */
  readonly unique?: boolean | undefined;
}

/** A check constraint. */
export interface Check {
  /** The name of the constraint. */
  readonly name: string;
  /** The SQL condition. */
  readonly sql: string;
}

/** The hash partitions of a table. */
export interface PartitionBy {
  /** The field whose hash selects the partition. The primary key and every unique key must contain it. */
  readonly hash: string;
  /** The number of partitions; they are named `<table>_part_<n>`, from 0. */
  readonly partitions: number;
}

/** The layout of a model's documents on MongoDB. */
export interface MongoMapping {
  /** Derived values that documents hold in addition to the fields, by name. */
  readonly derived: ReadonlyMap<string, Derived>;
  /** The field that documents store in `_id`. */
  readonly id: string | undefined;
  /** The field that stores the undeclared attributes of rows. */
  readonly extra: string | undefined;
}

/**
 * A table or collection: the fields of its rows, its keys, indexes and
 * relations. {@link defineModel} creates it.
 */
export interface Model<
  in out Row extends object,
  in out Insert extends object = Row,
  out Name extends string = string,
  out Relations extends object = object,
  out Key extends keyof Row = never,
> {
  /** The name that relations and `db.kysely` use. */
  readonly name: Name;
  /** The table or collection. */
  readonly table: string;
  /** The previous name of the table or collection; migrations rename it. */
  readonly renamedFrom: string | undefined;
  /** The name in the text of a row: `<AstroObject(oid='ZTF18aaxlzgi')>`. */
  readonly label: string;
  /** The fields of the primary key; empty if the table has none. */
  readonly primaryKey: readonly Key[];
  /** The name of its constraint, and of its index on MongoDB; undefined if it is `<table>_pkey`. */
  readonly primaryKeyName: string | undefined;
  /** All fields, in the order of the columns. */
  readonly fields: readonly Field[];
  /** The fields by name. */
  readonly byName: ReadonlyMap<string, Field>;
  /** Unique keys in addition to the primary key. */
  readonly unique: readonly (readonly string[])[];
  /** Foreign keys. */
  readonly foreignKeys: readonly ForeignKey[];
  /** Indexes. */
  readonly indexes: readonly Index[];
  /** Check constraints. */
  readonly checks: readonly Check[];
  /** Relations by name. */
  readonly relations: ReadonlyMap<string, Relation>;
  /** The partitions of the table, if it is partitioned. */
  readonly partitionBy: PartitionBy | undefined;
  /** Rows of a look-up table; `createDb` and migrations insert the missing ones. */
  readonly seed: readonly Insert[];
  /** The fields of the position on the sky and its index, if rows have one. */
  readonly spatial?: {
    readonly ra: string;
    readonly dec: string;
    readonly using?: "zones" | "cube" | "q3c" | undefined;
    readonly index?: boolean | undefined;
  } | undefined;
  /** The layout of documents on MongoDB. */
  readonly mongo: MongoMapping;
  /** The prototype of every row, with `toString` and `toJSON`. */
  readonly prototype: object;
  /** Never set; it carries the types. */
  readonly $types?: { row: Row; insert: Insert; relations: Relations };
}

/** Any model, for functions that accept every model. */
// deno-lint-ignore no-explicit-any -- a model is invariant in its rows, so only any accepts all models
export type AnyModel = Model<any, any, string, any, any>;

/** The rows of a model. */
export type RowOf<M extends AnyModel> = NonNullable<M["$types"]>["row"];

/** The input of a write to a model: nullable fields and fields with a default are optional. */
export type InsertOf<M extends AnyModel> = NonNullable<M["$types"]>["insert"];

/** The names of the fields of a model's primary key. */
export type KeyOf<M extends AnyModel> = M["primaryKey"][number];

/** The properties that `include` can add to the rows of a model. */
export type RelationsOf<M extends AnyModel> = NonNullable<
  M["$types"]
>["relations"];

/** The relations of a model, with the rows of `Models` in place of their names. */
export type RelationsIn<
  M extends AnyModel,
  Models extends readonly AnyModel[],
> = {
  [Name in keyof RelationsOf<M>]: Related<
    RelationsOf<M>[Name],
    Models[number] | M
  >;
};

/**
 * The value of a relation, with the row of the model in `Models` in place of its
 * {@link RelatedRow}.
 * @internal
 */
type Related<Value, Models extends AnyModel> = Value extends (infer Item)[]
  ? Related<Item, Models>[]
  : Value extends RelatedRow<infer Name> ? string extends Name ? Value
    : [Extract<Models, { readonly name: Name }>] extends [never] ? Value
    : RowOf<Extract<Models, { readonly name: Name }>>
  : Value;
