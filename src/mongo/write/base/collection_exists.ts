import { SchemaError } from "../../../base/errors/mod.ts";
import type { AnyModel } from "../../../model/types.ts";
import type { MongoDriver } from "../../link/link.ts";

/** Milliseconds for which a collection that was there is taken to be there still. */
const KNOWN = 1_000;

/** Which collections are there. */
export interface Present {
  /**
   * Refuses to write to a collection that is not there: the server would make
   * it, without the keys that keep rows apart.
   *
   * @param what what cannot be done where it is missing
   * @throws {SchemaError} where it is missing
   */
  ensure(model: AnyModel, what?: "read" | "write"): Promise<void>;
  /** Gives what came of a statement; where that is nothing, the collection must be there. */
  found<T>(
    model: AnyModel,
    what: "read" | "write",
    work: Promise<T>,
    isNothing: (result: T) => boolean,
  ): Promise<T>;
  /** Looks again from now on. */
  forget(): void;
}

/** Looks once in a while for each collection: another process may drop it. */
export function createPresent({ db, mapped }: MongoDriver): Present {
  const known = new Map<string, number>();
  const ensure: Present["ensure"] = async (
    { name, table },
    what = "write",
  ) => {
    const now = performance.now();
    if (now - (known.get(table) ?? -Infinity) < KNOWN) return;
    const found = await mapped(() =>
      db.listCollections({ name: table }, {
        nameOnly: true,
        authorizedCollections: true,
      }).hasNext()
    );
    if (!found) {
      known.delete(table);
      throw new SchemaError(
        `Cannot ${what} ${name}: there is no collection ${table} in ${db.databaseName}. \`dbp initdb\` makes what is missing`,
        { differences: [`${table} is missing`] },
      );
    }
    known.set(table, now);
  };
  return {
    ensure,
    async found(model, what, work, isNothing) {
      const result = await work;
      if (isNothing(result)) await ensure(model, what);
      return result;
    },
    forget: () => known.clear(),
  };
}
