import { DuplicateKeyError } from "../../base/errors/mod.ts";
import { keysOf } from "../../model/keys.ts";
import type { AnyModel } from "../../model/types.ts";
import { fieldsOf, isDrivers, listOf } from "./driver_error.ts";

const KEY_TAKEN = new Set([11000, 11001, 12582]);

/** Whether a code says that a key is taken. */
export function isTaken(code: unknown): boolean {
  return typeof code === "number" && KEY_TAKEN.has(code);
}

/** The places, among those sent, of documents whose key is taken; undefined where that is not all that is wrong. */
export function takenIn(
  error: unknown,
): readonly { readonly index: number; readonly message: string }[] | undefined {
  if (!(error instanceof Error) || !isDrivers(error)) return undefined;
  if (error.name !== "MongoBulkWriteError") return undefined;
  const taken: { index: number; message: string }[] = [];
  for (const one of listOf(error.writeErrors)) {
    const { code, index, errmsg } = fieldsOf(one);
    if (!isTaken(code)) return undefined;
    taken.push({ index: Number(index), message: String(errmsg) });
  }
  return taken.length === 0 ? undefined : taken;
}

/** A key that is taken, told by the server's words. */
export function takenError(
  model: AnyModel | undefined,
  table: string | undefined,
  message: string,
  cause?: unknown,
): DuplicateKeyError {
  const [, index, key = ""] =
    /index: (\S+?)(?: collation: .*?)? dup key: (\{.*\})/s.exec(message) ?? [];
  const fields = model === undefined ? [] : keyNamed(model, key);
  const named = fields.length === 0 ? "a key" : fields.join(", ");
  return new DuplicateKeyError(
    `Cannot write ${table ?? "the row"}: the key ${named} is taken (${index})`,
    { table, constraint: index, fields, cause },
  );
}

/** The key of a model whose columns a server's `{ id: 2, name: "x" }` begins with, the longest. */
function keyNamed(model: AnyModel, text: string): readonly string[] {
  const fits = (key: readonly string[]): boolean => {
    let from = 0;
    for (const [place, name] of key.entries()) {
      const column = model.byName.get(name)?.column ?? name;
      const at = text.indexOf(`${place === 0 ? "{" : ","} ${column}: `, from);
      if (at < 0 || (place === 0 && at !== 0)) return false;
      from = at + 1;
    }
    return true;
  };
  return keysOf(model).filter(fits)
    .sort((left, right) => right.length - left.length)[0] ?? [];
}
