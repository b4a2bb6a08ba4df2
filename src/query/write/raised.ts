import { expressionOf } from "../../model/expression.ts";
import type { AnyModel } from "../../model/types.ts";
import { versionOf } from "../../model/version.ts";
import { storedValue, type Values } from "./values.ts";

/** Returns the changes of an update, which also raises the version of the row. */
export function raised(model: AnyModel, changes: Values): Values {
  const version = versionOf(model);
  return version === undefined ? changes : new Map([
    ...changes,
    [version, expressionOf("increment", storedValue(version, 1))],
  ]);
}
