import type { Buffer } from "node:buffer";

/** The fields of an error by their codes, with the names that `pg` gives them: PostgreSQL's manual, "Error and Notice Message Fields". */
const FIELDS: Readonly<Record<string, string>> = {
  S: "severity",
  C: "code",
  D: "detail",
  H: "hint",
  P: "position",
  p: "internalPosition",
  q: "internalQuery",
  W: "where",
  s: "schema",
  t: "table",
  c: "column",
  d: "dataType",
  n: "constraint",
  F: "file",
  L: "line",
  R: "routine",
};

/** Returns the error of an `ErrorResponse`, whose body begins at a position. */
export function readError(bytes: Buffer, at: number): Error {
  const fields: Record<string, string> = {};
  let message = "";
  for (let next = at; bytes[next] !== 0 && next < bytes.length;) {
    const end = bytes.indexOf(0, next + 1);
    const code = String.fromCharCode(bytes[next] ?? 0);
    const text = bytes.toString("utf8", next + 1, end);
    const name = FIELDS[code];
    if (code === "M") message = text;
    else if (name !== undefined) fields[name] = text;
    next = end + 1;
  }
  return Object.assign(new Error(message), fields);
}
