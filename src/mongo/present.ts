import { SchemaError } from "../errors.ts";
import type { AnyModel } from "../model/types.ts";
import type { MongoDriver } from "./link.ts";

/** Which collections are known to be there. */
export interface Present {
  /**
   * Refuses to write to a collection that was never made: the server would
   * make it, without the keys that keep rows apart.
   *
   * @throws {SchemaError} where it is missing
   */
  ensure(model: AnyModel): Promise<void>;
  /** Looks again from now on. */
  forget(): void;
}

/** Looks once for each collection. */
export function createPresent({ db, mapped }: MongoDriver): Present {
  const known = new Set<string>();
  return {
    async ensure({ name, table }) {
      if (known.has(table)) return;
      const found = await mapped(() =>
        db.listCollections({ name: table }, {
          nameOnly: true,
          authorizedCollections: true,
        }).hasNext()
      );
      if (!found) {
        throw new SchemaError(
          `Cannot write ${name}: there is no collection ${table} in ${db.databaseName}. \`dbp initdb\` makes what is missing`,
          { differences: [`${table} is missing`] },
        );
      }
      known.add(table);
    },
    forget: () => known.clear(),
  };
}
