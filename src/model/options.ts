import type { Derived } from "./derived.ts";
import type {
  Check,
  ForeignKey,
  Index,
  Insertable,
  PartitionBy,
  Relation,
  Schema,
} from "./types.ts";

/** What `defineModel` takes. */
export interface ModelOptions<
  Output extends object,
  Input extends object,
  Key extends readonly (keyof Output)[],
  Relations extends Readonly<Record<string, Relation>>,
> {
  /** The table or collection; the model's name by default. */
  readonly table?: string;
  /** The table or collection that it was before; migrations rename that one. */
  readonly renamedFrom?: string;
  /** The name that rows print; the model's name in PascalCase by default. */
  readonly label?: string;
  /**
   * A `z.object({ … })`. `z.int32() z.int64() z.float32() z.float64() z.string()
   * z.boolean() z.date() z.enum() z.uuid() z.array() z.object() z.json()` have
   * columns; `.nullable()`, `.default()` and rules as `.min()` count.
   * `.meta({ unit, description, column, renamedFrom, sqlType, sqlDefault,
   * onUpdate, nan })` says the rest.
   */
  readonly fields: Schema<Output, Input>;
  /** The primary key's fields, in the index's order. */
  readonly primaryKey?: Key;
  /** Unique keys besides it. */
  readonly unique?: readonly (readonly (keyof Output & string)[])[];
  /** Foreign keys. */
  readonly foreignKeys?: readonly ForeignKey[];
  /** Indexes. */
  readonly indexes?: readonly Index[];
  /** Rules of the table's own. */
  readonly checks?: readonly Check[];
  /** Relations by name, which `include` loads. */
  readonly relations?: Relations;
  /** How the table is split. */
  readonly partitionBy?: PartitionBy;
  /** Rows of a look-up table, inserted where missing when the schema is made. */
  readonly seed?: readonly NoInfer<Insertable<Input>>[];
  /** What is said of documents on MongoDB alone. */
  readonly mongo?: MongoOptions<keyof Output & string>;
}

/** What a model says of its documents on MongoDB. */
export interface MongoOptions<Name extends string = string> {
  /** What documents hold besides the model's fields, by name, as `{ loc: point("meanra", "meandec") }`. */
  readonly derived?: Readonly<Record<string, Derived>>;
  /** The field that documents keep in `_id`, which is the primary key; MongoDB never changes it. Without, `_id` is the driver's own and not part of rows. */
  readonly id?: Name;
  /**
   * The field of JSON that takes what rows of `bulkInsert`, `bulkUpsert` and
   * `getOrCreate` say besides the model's fields. `update`, `bulkUpdate` and
   * `updateAll` refuse such attributes. The field is one value: an upsert that
   * gives any of them replaces what it held, and one that gives none leaves it.
   */
  readonly extra?: Name;
}
