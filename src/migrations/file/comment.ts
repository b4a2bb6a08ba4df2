import { KINDS, unknownKind } from "./directive.ts";
import { fileError, type Place } from "./file_error.ts";
import { nearest } from "../../base/nearest.ts";

/** What is put before a directive in text: `dbp:step`. */
const MARK = "dbp";

/**
 * What stands after `dbp:` in the text of a comment, or undefined where the
 * comment is for people only.
 *
 * @param comment without the signs that make it one
 * @throws {MigrationError} where it looks like a directive and is none, as
 * `dpb:step` or `dbp step`
 */
export function directiveText(
  comment: string,
  place: Place,
): string | undefined {
  const found = /^-*\s*[@#!*]*\s*([a-z]+)(\s*[-:=.;,_/]\s*|\s+)([a-z]+)/i.exec(
    comment,
  );
  if (found === null) {
    return comment.trim() === `${MARK}:` ? "" : undefined;
  }
  const [begin, mark = "", between = "", name = ""] = found;
  if (begin.trimStart().startsWith(`${MARK}:${name}`)) {
    return comment.trimStart().slice(MARK.length + 1);
  }
  const kind = nearest(name, KINDS);
  if (kind === undefined) {
    if (mark !== MARK || between.trim() !== ":") return undefined;
    throw unknownKind(name, place);
  }
  const alike = between.trim() === ":" && isAlike(mark);
  const exact = mark.toLowerCase() === MARK && kind === name.toLowerCase();
  if (!alike && !exact) return undefined;
  throw fileError(
    place,
    `"${begin.trim()}" is not a directive`,
    `${MARK}:${kind}`,
  );
}

/** Whether a word may be `dbp` with a slip in it; `drop` is not. */
function isAlike(mark: string): boolean {
  return /^[dbp]{2,4}$/i.test(mark) ||
    (mark.length === MARK.length && nearest(mark, [MARK]) !== undefined);
}

/** Whether the text of a comment is a directive or looks like one. */
export function looksLikeDirective(comment: string): boolean {
  try {
    return directiveText(comment, { file: "", line: 1 }) !== undefined;
  } catch {
    return true;
  }
}
