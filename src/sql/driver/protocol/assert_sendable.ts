import { Buffer } from "node:buffer";
import { LimitError } from "../../../base/errors/mod.ts";
import type { Command, SentValue } from "../../link/link.ts";

/** The most parameters of a statement: the protocol has 16 bits for their number. */
const MAX_PARAMETERS = 65_535;
/** The most bytes of a message. The server closes the connection on a longer one. */
const MAX_MESSAGE = (1 << 30) - 1;
/** Bytes of a message besides the values and the text. */
const SLACK = 1 << 20;
/** Bytes of a value besides its content. */
const VALUE_BYTES = 6;

/**
 * Checks that the protocol of PostgreSQL can carry a statement.
 *
 * @throws {LimitError} if it has too many parameters, or too many bytes
 */
export function assertSendable(
  { text, values }: Pick<Command, "text" | "values">,
): void {
  if (values.length > MAX_PARAMETERS) {
    throw new LimitError(
      `Cannot run the statement: it has ${values.length} parameters, but PostgreSQL allows ${MAX_PARAMETERS}. Pass the values as one list, like { oid: [ … ] }, or fewer conditions per call. Nothing was sent`,
      { limit: "parameters", allowed: MAX_PARAMETERS, got: values.length },
    );
  }
  let most = text.length * 3;
  for (const value of values) {
    most += typeof value === "string"
      ? value.length * 3 + VALUE_BYTES
      : bytesOf(value) + VALUE_BYTES;
  }
  if (most + SLACK <= MAX_MESSAGE) return;
  let bytes = Math.max(Buffer.byteLength(text), SLACK);
  for (const value of values) bytes += bytesOf(value) + VALUE_BYTES;
  if (bytes <= MAX_MESSAGE) return;
  throw new LimitError(
    `Cannot run the statement: it has ${bytes} bytes, but PostgreSQL allows ${MAX_MESSAGE}. Pass fewer or shorter values per call. Nothing was sent`,
    { limit: "bytes", allowed: MAX_MESSAGE, got: bytes },
  );
}

function bytesOf(value: SentValue): number {
  if (value === null) return 0;
  if (typeof value === "number") return 8;
  return typeof value === "string" ? Buffer.byteLength(value) : value.length;
}
