import { DuplicateKeyError } from "../../base/errors/mod.ts";
import { keysOf } from "../../model/keys.ts";
import type { AnyModel } from "../../model/types.ts";
import { DUPLICATE_KEY_CODES } from "./codes.ts";
import { isMongoError, writeErrorsOf } from "./mongo_error.ts";

/** A document that was not written because one of its unique keys already exists. */
export interface Duplicate {
  /** Its index among the documents sent. */
  readonly index: number;
  /** The server's message, which names the key. */
  readonly message: string;
}

/** Whether a code means that a unique key already exists. */
export function isDuplicateKey(code: unknown): boolean {
  return typeof code === "number" && DUPLICATE_KEY_CODES.has(code);
}

/** The duplicates that a write was refused for; undefined if the error has any other reason. */
export function duplicatesIn(error: unknown): readonly Duplicate[] | undefined {
  if (!(error instanceof Error) || !isMongoError(error)) return undefined;
  const duplicates: Duplicate[] = [];
  for (const { code, index, errmsg } of writeErrorsOf(error)) {
    if (!isDuplicateKey(code)) return undefined;
    duplicates.push({ index: Number(index), message: String(errmsg) });
  }
  return duplicates.length === 0 ? undefined : duplicates;
}

/** The most characters of a message that are searched for the name of its index: the rest is the key. */
const MAX_MESSAGE = 20_000;

/** The error for the server's message about a duplicate key. */
export function duplicateKeyError(
  model: AnyModel | undefined,
  table: string | undefined,
  message: string,
  cause?: unknown,
): DuplicateKeyError {
  const [, constraint, keyText = ""] =
    /index: (\S+?)(?: collation: .*?)? dup key: (\{.*)/s.exec(
      message.slice(0, MAX_MESSAGE),
    ) ?? [];
  const fields = model === undefined ? [] : keyFields(model, keyText);
  return existingKeyError({
    model: model?.name,
    table,
    constraint,
    fields,
    cause,
  }, constraint === undefined ? "" : ` (index ${constraint})`);
}

/** The error for a row whose unique key already exists. */
export function existingKeyError(
  found: {
    readonly model: string | undefined;
    readonly table: string | undefined;
    readonly constraint: string | undefined;
    readonly fields: readonly string[];
    readonly cause?: unknown;
  },
  detail = "",
): DuplicateKeyError {
  const { model, table, fields } = found;
  const key = fields.length === 0 ? "unique key" : fields.join(", ");
  return new DuplicateKeyError(
    `Cannot write ${
      model ?? table ?? "the row"
    }: a row with the same ${key} already exists${detail}`,
    found,
  );
}

/** The fields of the longest key of a model that the server's text, `{ id: 2, name: "x" }`, begins with. */
function keyFields(model: AnyModel, text: string): readonly string[] {
  const isKey = (key: readonly string[]): boolean => {
    let from = 0;
    for (const [index, name] of key.entries()) {
      const column = model.byName.get(name)?.column ?? name;
      const start = text.indexOf(
        `${index === 0 ? "{" : ","} ${column}: `,
        from,
      );
      if (start < 0 || (index === 0 && start !== 0)) return false;
      from = start + 1;
    }
    return true;
  };
  return keysOf(model).filter(isKey)
    .sort((left, right) => right.length - left.length)[0] ?? [];
}
