import type { AnyModel } from "../../../model/types.ts";
import type { SqlLink } from "../../link/link.ts";
import { readHistory } from "../history/history.ts";
import { fingerprintOf } from "./fingerprint.ts";
import { managedBy } from "./managed_now.ts";

/**
 * What is there of what models manage, or managed by the history, in one word.
 *
 * @param recorded whether the history alone says what is managed, where it
 * says so: models that came later have no part in what was left then
 */
export async function fingerprintNow(
  link: SqlLink,
  models: readonly AnyModel[],
  schema: string,
  recorded: boolean,
): Promise<string> {
  const history = await readHistory(link, schema);
  const managed = new Set(history.flatMap(({ managed }) => managed));
  const names = recorded && managed.size > 0
    ? managed
    : managed.union(new Set(managedBy(models)));
  return await fingerprintOf(link, schema, names);
}
