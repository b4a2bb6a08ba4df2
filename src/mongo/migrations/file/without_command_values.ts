import type { Document } from "mongodb";
import {
  type Literal,
  withoutLiterals,
} from "../../../base/without_literals.ts";

/** The parts of a command that hold values. The other texts are names and modes. */
const VALUES: readonly string[] = [
  ...["documents", "updates", "deletes", "let", "pipeline", "validator"],
  "partialFilterExpression",
];
/** Texts in them that are names all the same: those of collections, fields, and types. */
const NAMES: readonly string[] = [
  ...["$out", "$merge", "$lookup", "$unionWith", "$unwind", "from", "into"],
  ...["bsonType", "required", "$type"],
];

/** Returns a message of the server without the texts in the commands that it may repeat, because they may be secrets. */
export function withoutCommandValues(
  message: string,
  commands: readonly Document[],
): string {
  const literals: Literal[] = [];
  const names = new Set<string>();
  function collect(value: unknown, isValue: boolean): void {
    if (typeof value === "string") {
      // Paths of fields and variables, such as `$oid`, are names.
      if (isValue && !value.startsWith("$")) literals.push({ text: value });
      else names.add(value);
    } else if (Array.isArray(value)) {
      for (const item of value) collect(item, isValue);
    } else if (typeof value === "object" && value !== null) {
      for (const [name, inner] of Object.entries(value)) {
        names.add(name);
        collect(
          inner,
          (isValue || VALUES.includes(name)) && !NAMES.includes(name),
        );
      }
    }
  }
  collect(commands, false);
  return withoutLiterals(message, literals, names);
}
