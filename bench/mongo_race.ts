import type { AnyModel, Query } from "@alerce/db-plugins";
import type { Race } from "./harness.ts";
import type { BareMongo } from "./mongo_bare.ts";
import type { rowsOf } from "./tables.ts";

/** Both sides of the comparison on MongoDB, and the rows that they write and read. */
export interface MongoSides {
  /** Queries of this package. */
  readonly query: Query<AnyModel>;
  /** The bare driver, configured like this package. */
  readonly bare: BareMongo;
  /** The rows, in the order of their keys. */
  readonly rows: ReturnType<typeof rowsOf>;
  /** Empties the table. */
  empty(): Promise<void>;
  /** Fills the table with the first rows; `salt` gives them other values. */
  fill(count?: number, salt?: number): Promise<void>;
}

/** A comparison on MongoDB. */
export interface MongoRace extends Race {
  /** Whether the bare driver's batch sizes must be chosen first. */
  readonly usesBatches?: boolean;
}
