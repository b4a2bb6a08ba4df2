import type { Derived } from "./derived.ts";
import type { Field } from "./field.ts";

/** What a zod object tells the compiler: the rows that come out and the input that goes in. Every `z.object({ … })` fits it. */
export interface Schema<
  Output extends object = object,
  Input extends object = object,
> {
  /** The types, by the Standard Schema that zod implements. */
  readonly "~standard": {
    readonly types?:
      | { readonly input: Input; readonly output: Output }
      | undefined;
  };
}

/** The row a zod output makes: what may be missing is null. */
export type RowFrom<Output> = {
  [F in keyof Output]-?: undefined extends Output[F]
    ? Exclude<Output[F], undefined> | null
    : Output[F];
};

/** The input of a write, from a zod input or a row: fields that may be null, or have a default, are optional. */
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

/** One relation: the other model's rows whose fields equal this row's. */
export interface Relation {
  /** One row or null, or a list. */
  readonly kind: "one" | "many";
  /** The other model's name. */
  readonly model: string;
  /** This model's field → the other's. */
  readonly on: Readonly<Record<string, string>>;
  /** The order of a list, by fields of the other model. */
  readonly orderBy?: Readonly<Record<string, "asc" | "desc">> | undefined;
}

/** The types that `include` adds to a row, where the model does not name them itself. */
export type RelationsFrom<R> = {
  [Name in keyof R]: R[Name] extends { readonly kind: "many" }
    ? Record<string, unknown>[]
    : Record<string, unknown> | null;
};

/** A foreign key, by names, so that models form no import cycle. */
export interface ForeignKey {
  /** The fields of this model. */
  readonly fields: readonly string[];
  /** What they refer to. */
  readonly references: {
    readonly table: string;
    readonly fields: readonly string[];
  };
  /** The constraint's name; `<table>_<fields>_fkey` by default. */
  readonly name?: string | undefined;
  /** What happens to this row when the other one goes; nothing by default, so that it cannot. */
  readonly onDelete?: "cascade" | "set null" | "restrict" | undefined;
}

/** One part of an index: a field, or an SQL expression. */
export type IndexPart =
  | string
  | ({ readonly field: string } & IndexOrder)
  | ({ readonly sql: string } & IndexOrder);

/** How one part of an index is kept. */
export interface IndexOrder {
  /** Ascending by default. */
  readonly order?: "asc" | "desc" | undefined;
  /** Where rows without a value come; PostgreSQL's alone. */
  readonly nulls?: "first" | "last" | undefined;
  /** PostgreSQL's operator class, where it is not the one of the type: `gin_trgm_ops`, `jsonb_path_ops`. */
  readonly opclass?: string | undefined;
}

/** An index. */
export interface Index {
  /** Its parts, in order: field names, or `{ field, order, opclass }`, or `{ sql: "lower(oid)" }`. */
  readonly fields: readonly IndexPart[];
  /** `ix_<table>_<fields>` by default. */
  readonly name?: string | undefined;
  /** The access method; btree by default. */
  readonly using?: "btree" | "hash" | "gin" | "gist" | "brin" | undefined;
  /** Only the rows for which this SQL condition holds. */
  readonly where?: string | undefined;
  /** Fields carried along for index-only reads. */
  readonly include?: readonly string[] | undefined;
  /** Whether two rows may be equal in it. */
  readonly unique?: boolean | undefined;
}

/** A rule of the table's own, kept by the database. */
export interface Check {
  /** The constraint's name. */
  readonly name: string;
  /** The SQL condition. */
  readonly sql: string;
}

/** How a table is split. */
export interface PartitionBy {
  /** The field whose hash picks the partition; it must be in the primary key. */
  readonly hash: string;
  /** How many partitions, named `<table>_part_<n>` from 0. */
  readonly partitions: number;
}

/** What a model says of its documents on MongoDB. */
export interface MongoMapping {
  /** What documents hold besides the model's fields, by name. */
  readonly derived: ReadonlyMap<string, Derived>;
  /** The field that documents keep in `_id`. */
  readonly id: string | undefined;
  /** The field that takes the undeclared attributes of rows. */
  readonly extra: string | undefined;
}

/**
 * A table or collection: what its rows hold, what a write takes, its keys and
 * relations. {@link defineModel} makes one.
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
  /** The table or collection that it was before. */
  readonly renamedFrom: string | undefined;
  /** The name that rows print: `<AstroObject(oid='ZTF18aaxlzgi')>`. */
  readonly label: string;
  /** The primary key's fields; none where the table has no key. */
  readonly primaryKey: readonly Key[];
  /** Every field, in the order of the table's columns. */
  readonly fields: readonly Field[];
  /** The fields by name. */
  readonly byName: ReadonlyMap<string, Field>;
  /** Unique keys besides the primary one. */
  readonly unique: readonly (readonly string[])[];
  /** Foreign keys. */
  readonly foreignKeys: readonly ForeignKey[];
  /** Indexes. */
  readonly indexes: readonly Index[];
  /** Check constraints. */
  readonly checks: readonly Check[];
  /** Relations by name. */
  readonly relations: ReadonlyMap<string, Relation>;
  /** How the table is split, where it is. */
  readonly partitionBy: PartitionBy | undefined;
  /** Rows of a look-up table, inserted where they are missing when the schema is made. */
  readonly seed: readonly Insert[];
  /** Documents on MongoDB. */
  readonly mongo: MongoMapping;
  /** The prototype of every row: how it prints and becomes JSON. */
  readonly prototype: object;
  /** Never set; carries the types. */
  readonly $types?: { row: Row; insert: Insert; relations: Relations };
}

/** Any model, for functions that take whichever. */
// deno-lint-ignore no-explicit-any -- a model is invariant in its rows, so only any stands for all of them
export type AnyModel = Model<any, any, string, any, any>;

/** The rows of a model. */
export type RowOf<M extends AnyModel> = NonNullable<M["$types"]>["row"];

/** What a write to a model takes. */
export type InsertOf<M extends AnyModel> = NonNullable<M["$types"]>["insert"];

/** What `include` can add to a model's rows. */
export type RelationsOf<M extends AnyModel> = NonNullable<
  M["$types"]
>["relations"];
