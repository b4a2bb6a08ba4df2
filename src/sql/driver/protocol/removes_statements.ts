import type { Buffer } from "node:buffer";

/** The tags of commands that remove all prepared statements of a session. */
const TAGS: readonly string[] = ["DISCARD ALL", "DEALLOCATE ALL"];
const D = 0x44;

/** Whether a command tag, which a zero ends, means that the session has no prepared statements now. */
export function removesStatements(
  bytes: Buffer,
  at: number,
  end: number,
): boolean {
  return bytes[at] === D &&
    TAGS.some((tag) =>
      tag.length === end - at - 1 &&
      bytes.toString("latin1", at, end - 1) === tag
    );
}
