import { STABLE_FUNCTIONS } from "../file/stable_functions.ts";

/** Returns whether a default calls a function that may return another value for each row. */
export function mayDiffer(expression: string): boolean {
  const plain = expression.replaceAll(/'(?:[^']|'')*'/g, "''");
  return [...plain.matchAll(/((?<!")"(?:[^"]|"")*"(?!")|(?<!\w)\w+)\s*\(/g)]
    .some((
      [, name],
    ) =>
      name !== undefined &&
      !STABLE_FUNCTIONS.has(name.replaceAll('"', "").toLowerCase())
    );
}
