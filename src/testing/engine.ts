import type { Connection } from "../connection/connection.ts";
import type { AnyModel } from "../model/types.ts";

/** An engine whose behaviour is to be proven. */
export interface EngineUnderTest {
  /** What test names begin with. */
  readonly name: string;
  /**
   * Opens a connection for these models on a database that holds none of
   * their tables. The suite makes them, and drops them and closes when it is done.
   */
  open(models: readonly AnyModel[]): Promise<Connection>;
}

/** One thing that every engine does. */
export interface Behaviour {
  /** A sentence. */
  readonly name: string;
  /** Does it on a database with empty tables, and throws where it does not come out right. */
  run(db: Connection): Promise<void>;
}

/** Writes down a behaviour. */
export function behaviour(
  name: string,
  run: (db: Connection) => Promise<void>,
): Behaviour {
  return { name, run };
}
