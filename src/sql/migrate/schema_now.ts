import type { AnyModel } from "../../model/types.ts";
import type { SqlLink } from "../link.ts";
import { readHistory } from "./history.ts";
import { fingerprintOf } from "./plan/fingerprint.ts";

/** What the tables of the models and of the history are now, in one word. */
export async function fingerprintNow(
  link: SqlLink,
  models: readonly AnyModel[],
  schema: string,
): Promise<string> {
  const history = await readHistory(link, schema);
  const managed = new Set(history.flatMap(({ managed }) => managed));
  const tables = new Set([
    ...models.map(({ table }) => table),
    ...tablesIn(managed),
  ]);
  return await fingerprintOf(link, schema, [...tables].sort());
}

/** The tables among names of tables, columns and what belongs to tables: those that begin with no other's name. */
function tablesIn(managed: ReadonlySet<string>): string[] {
  return [...managed].filter((name) =>
    !name.matchAll(/[.#]/g).some(({ index }) =>
      managed.has(name.slice(0, index))
    )
  );
}
