import { DatabaseError, QueryError } from "../../base/errors/mod.ts";
import type { AnyModel } from "../../model/types.ts";
import type { DriverError } from "../link/driver_error.ts";
import type { Command } from "../link/link.ts";

const TOO_LARGE: ReadonlySet<unknown> = new Set([10334, 17280, 17419, 17420]);
const TOO_DEEP = 15;
const BAD_PATTERN = 51091;
const SAME_ID = 66;
/** Bytes of half the most that MongoDB takes. */
const HALF = 8 << 20;

/** Whether a command or a document is beyond what MongoDB takes: the driver finds out as it runs out of room, or looks, and the server by several codes. */
export function isTooLarge({ code, message }: DriverError): boolean {
  return TOO_LARGE.has(code) ||
    /"offset" is out of range|larger than the maximum size/.test(message);
}

/**
 * What a command asks for that MongoDB does not take, in words; undefined
 * where it is something else that is wrong.
 *
 * @param code the server's code, where it is the server that refuses
 */
export function beyondLimits(
  cause: DriverError,
  code: number | undefined,
  table: string | undefined,
  command: Command | undefined,
  model: AnyModel | undefined,
): Error | undefined {
  const name = table ?? "the row";
  const filter = (reason: string): QueryError =>
    new QueryError(`Cannot filter ${name}: ${reason}`, {
      cause,
      model: model?.name,
    });
  const row = (reason: string): DatabaseError =>
    new DatabaseError(`Cannot write ${name}: ${reason}`, {
      cause,
      ...(code === undefined ? {} : { code: String(code) }),
    });
  if (isTooLarge(cause)) {
    return isFiltersFault(command)
      ? filter(
        "the filter makes a command of more than 16 MB, the most that MongoDB takes, and a list under not or notIn, or of the field that is set, is not cut; give it fewer values at a time",
      )
      : row(
        "a row makes a document of more than 16 MB, the most that MongoDB takes",
      );
  }
  const { message } = cause;
  if (code === TOO_DEEP && /nest/.test(message)) {
    return readsOnly(command) || /updates\.\d+\.q\b/.test(message)
      ? filter(
        "a value of JSON in it is nested deeper than MongoDB compares, some 30 levels",
      )
      : row(
        "a value of JSON in it is nested deeper than 179 levels, the most that MongoDB keeps",
      );
  }
  if (code === BAD_PATTERN && /too large/.test(message)) {
    return filter(
      "like takes no pattern as long as this: 32,000 bytes at most",
    );
  }
  if (code === SAME_ID) {
    const id = model?.mongo.id ?? "_id";
    return new QueryError(
      `Cannot update ${name}: ${id} is kept in _id, which MongoDB does not change; make a new row and delete this one`,
      { cause, model: model?.name, field: id },
    );
  }
  return undefined;
}

function readsOnly(command: Command | undefined): boolean {
  return command !== undefined &&
    ["find", "count", "aggregate", "delete"].includes(command.name);
}

/** Whether it is the filter that is large, and not what is to be written. */
function isFiltersFault(command: Command | undefined): boolean {
  return readsOnly(command) || sizeOf(command?.parts?.filter) > HALF;
}

/** About how many bytes a value takes. */
function sizeOf(value: unknown): number {
  if (typeof value === "string") return value.length;
  if (typeof value !== "object" || value === null) return 8;
  return Object.values(value).reduce((sum, item) => sum + sizeOf(item), 8);
}
