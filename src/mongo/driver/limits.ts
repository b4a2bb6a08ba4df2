import { DatabaseError, QueryError } from "../../base/errors/mod.ts";
import type { AnyModel } from "../../model/types.ts";
import { CODE, TOO_LARGE_CODES } from "../link/codes.ts";
import type { Command } from "../link/link.ts";
import type { MongoDriverError } from "../link/mongo_error.ts";

/** Half of MongoDB's limit for a command, in bytes. */
const HALF_LIMIT = 8 << 20;

/** Whether a command or document exceeds 16 MB: the server reports several codes, and the driver may run out of its buffer. */
export function isTooLarge({ code, message }: MongoDriverError): boolean {
  return (typeof code === "number" && TOO_LARGE_CODES.has(code)) ||
    /"offset" is out of range|larger than the maximum size/.test(message);
}

/**
 * The error about a limit of MongoDB that a command exceeds; undefined if the
 * failure has another reason.
 *
 * @param code the server's code, if the server refused the command
 */
export function limitError(
  cause: MongoDriverError,
  code: number | undefined,
  table: string | undefined,
  command: Command | undefined,
  model: AnyModel | undefined,
): Error | undefined {
  const name = model?.name ?? table ?? "the row";
  const filterError = (reason: string): QueryError =>
    new QueryError(`Cannot filter ${name}: ${reason}`, {
      cause,
      model: model?.name,
    });
  const rowError = (reason: string): DatabaseError =>
    new DatabaseError(`Cannot write ${name}: ${reason}`, {
      cause,
      ...(code === undefined ? {} : { code: String(code) }),
    });
  if (isTooLarge(cause)) {
    return isFilterLarge(command)
      ? filterError(
        "the filter exceeds MongoDB's 16 MB command limit. Lists under `not` or `notIn`, or of a field that is set, cannot be split: pass fewer values per call",
      )
      : rowError("a document exceeds MongoDB's limit of 16 MB");
  }
  const { message } = cause;
  if (code === CODE.overflow && /nest/.test(message)) {
    return readsOnly(command) || /updates\.\d+\.q\b/.test(message)
      ? filterError(
        "a JSON value in the filter is nested too deep: MongoDB compares about 30 levels",
      )
      : rowError(
        "a JSON value is nested deeper than 179 levels, the limit of MongoDB",
      );
  }
  if (code === CODE.invalidRegex && /too large/.test(message)) {
    return filterError(
      "the pattern of `like` is longer than 32,000 bytes, the limit of MongoDB",
    );
  }
  if (code === CODE.immutableField) {
    const id = model?.mongo.id ?? "_id";
    return new QueryError(
      `Cannot update ${name}: ${id} is stored in _id, which MongoDB cannot change. Insert a new row and delete this one`,
      { cause, model: model?.name, field: id },
    );
  }
  return undefined;
}

function readsOnly(command: Command | undefined): boolean {
  return command !== undefined &&
    ["find", "count", "aggregate", "delete"].includes(command.name);
}

/** Whether the filter of a too large command is large, not the documents to write. */
function isFilterLarge(command: Command | undefined): boolean {
  return readsOnly(command) ||
    estimatedSize(command?.parts?.filter) > HALF_LIMIT;
}

function estimatedSize(value: unknown): number {
  if (typeof value === "string") return value.length;
  if (typeof value !== "object" || value === null) return 8;
  return Object.values(value).reduce(
    (size, item) => size + estimatedSize(item),
    8,
  );
}
