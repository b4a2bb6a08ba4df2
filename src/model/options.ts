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

/** The options of `defineModel`. */
export interface ModelOptions<
  Output extends object,
  Input extends object,
  Key extends readonly (keyof Output)[],
  Relations extends Readonly<Record<string, Relation>>,
> {
  /** The table or collection; the name of the model by default. */
  readonly table?: string;
  /** The previous name of the table or collection; migrations rename it. */
  readonly renamedFrom?: string;
  /** The name in the text of a row; the name of the model in PascalCase by default. */
  readonly label?: string;
  /**
   * A `z.object({ … })` of `z.int32() z.int64() z.float32() z.float64() z.string()
   * z.boolean() z.date() z.enum() z.uuid() z.array() z.object() z.json()`.
   * `.nullable()`, `.default()` and rules like `.min()` apply to writes.
   * `.meta({ unit, description, column, renamedFrom, sqlType, collation,
   * sqlDefault, onUpdate, nan, version })` describes the column. `serial()`, `identity()`,
   * `serverDefault()`, and `generatedAs()` leave its values to the server.
   */
  readonly fields: Schema<Output, Input>;
  /** The fields of the primary key, in the order of its index. */
  readonly primaryKey?: Key;
  /** The name of the primary key's constraint, and of its index on MongoDB; `<table>_pkey` by default. */
  readonly primaryKeyName?: string;
  /** Unique keys in addition to the primary key. */
  readonly unique?: readonly (readonly (keyof Output & string)[])[];
  /** Foreign keys. */
  readonly foreignKeys?: readonly ForeignKey[];
  /** Indexes. */
  readonly indexes?: readonly Index[];
  /** Check constraints. */
  readonly checks?: readonly Check[];
  /** Relations by name; `include` loads them. */
  readonly relations?: Relations;
  /** The hash partitions of the table. */
  readonly partitionBy?: PartitionBy;
  /** Rows of a look-up table; `createDb` and migrations insert the missing ones. */
  readonly seed?: readonly NoInfer<Insertable<Input>>[];
  /** The fields of the position on the sky, for filters by position. */
  readonly spatial?: SpatialOptions<keyof Output & string>;
  /** The layout of documents on MongoDB. */
  readonly mongo?: MongoOptions<keyof Output & string>;
}

/** The fields of a model's position on the sky, J2000, of type float64 or float32. */
export interface SpatialOptions<Name extends string = string> {
  /** The field of the right ascension in degrees, 0 to 360. */
  readonly ra: Name;
  /** The field of the declination in degrees, -90 to 90. */
  readonly dec: Name;
  /** What the position index on PostgreSQL consists of: zones of declinations, which need no extension (default), or values of an extension. */
  readonly using?: "zones" | "cube" | "q3c" | undefined;
  /** Whether the table has a position index on PostgreSQL and PGlite; true by default. */
  readonly index?: boolean | undefined;
}

/** The layout of a model's documents on MongoDB. */
export interface MongoOptions<Name extends string = string> {
  /** Derived values that documents hold in addition to the fields, by name: `{ loc: point("meanra", "meandec") }`. */
  readonly derived?: Readonly<Record<string, Derived>>;
  /** The primary key field that documents store in `_id`; MongoDB never changes it. By default the driver generates `_id`, and rows do not contain it. */
  readonly id?: Name;
  /**
   * The JSON field that stores undeclared attributes of rows passed to
   * `bulkInsert`, `bulkUpsert` and `getOrCreate`. `update`, `bulkUpdate` and
   * `updateAll` reject such attributes. An upsert with any of them replaces the
   * whole field; an upsert without them keeps it.
   */
  readonly extra?: Name;
}
