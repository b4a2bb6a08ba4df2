import type { MongoLink } from "../link/link.ts";
import type { KnownCollections } from "../schema/known_collections.ts";

/** What reads need to run, on a connection or in a transaction. */
export interface ReadContext {
  /** Sends the commands. */
  readonly link: MongoLink;
  /** The collections that are known to exist. */
  readonly collections: KnownCollections;
  /** The transaction, which a failed command aborts; undefined outside. */
  readonly scope?: object | undefined;
}
