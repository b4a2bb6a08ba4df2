import { KINDS, unknownKind } from "./directive.ts";
import { fileError, type Position } from "./position.ts";
import { nearest } from "../../base/nearest.ts";

/** The prefix of a directive: `dbp:step`. */
const MARK = "dbp";

/**
 * Returns the text after `dbp:` in a comment; undefined if the comment is not a
 * directive.
 *
 * @param comment without the signs that begin and end it
 * @throws {MigrationError} if the comment looks like a misspelled directive:
 * `dpb:step`, `dbp step`
 */
export function directiveText(
  comment: string,
  position: Position,
): string | undefined {
  const found = /^-*\s*(?:[@#!*]+\s*)?([a-z]+)(\s*[-:=.;,_/]\s*|\s+)([a-z]+)/i
    .exec(
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
    throw unknownKind(name, position);
  }
  const alike = between.trim() === ":" && isAlike(mark);
  const exact = mark.toLowerCase() === MARK && kind === name.toLowerCase();
  if (!alike && !exact) return undefined;
  throw fileError(
    position,
    `"${begin.trim()}" is not a directive`,
    `${MARK}:${kind}`,
  );
}

/** Returns whether a word may be a misspelled `dbp`; `drop` is not one. */
function isAlike(mark: string): boolean {
  return /^[dbp]{2,4}$/i.test(mark) ||
    (mark.length === MARK.length && nearest(mark, [MARK]) !== undefined);
}

/** Returns whether a comment is a directive or looks like a misspelled one. */
export function looksLikeDirective(comment: string): boolean {
  try {
    return directiveText(comment, { file: "", line: 1 }) !== undefined;
  } catch {
    return true;
  }
}
