import type { Connection } from "../connection/connection.ts";
import type { AnyModel } from "../model/types.ts";

/** An engine to test. */
export interface EngineUnderTest {
  /** The beginning of the test names. */
  readonly name: string;
  /**
   * Opens a connection for these models on a database without their tables.
   * The suite creates the tables, drops them at the end and closes the connection.
   */
  open(models: readonly AnyModel[]): Promise<Connection>;
}

/** A behaviour that every engine has. */
export interface Behaviour {
  /** A sentence that describes the behaviour. */
  readonly name: string;
  /** Checks the behaviour on a database with empty tables, and throws if it differs. */
  run(db: Connection): Promise<void>;
}

/** Defines a behaviour. */
export function behaviour(
  name: string,
  run: (db: Connection) => Promise<void>,
): Behaviour {
  return { name, run };
}
