import type { AnyModel } from "../../../model/types.ts";
import type { SqlLink } from "../../link/link.ts";
import { readHistory } from "../history/history.ts";
import { fingerprintOf } from "./fingerprint.ts";
import { managedBy } from "./managed_now.ts";

/**
 * The fingerprint of the objects that models or the history manage.
 *
 * @param recorded whether only the names in the history count, if it has any:
 * objects of newer models were not part of the recorded state
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
