import {
  name,
  type Reader,
  readerOf,
  rest,
  sees,
  takes,
} from "../file/reader.ts";
import { type Context, type Finding, finding, shown } from "./context.ts";

/** `ALTER TYPE` of a type that was there before. */
export function* alterType(
  reader: Reader,
  { seen, statements }: Context,
): Generator<Finding> {
  const found = typeIn(reader);
  if (found === undefined || seen.types.has(found)) return;
  if (sees(reader, "rename")) {
    yield finding(
      reader,
      "rename",
      `programs that run already still say the old name, and break at once; say dbp:ignore rename <why> where none does`,
    );
  }
  const at = { ...reader };
  if (!takes(reader, "add", "value")) return;
  const ordered = rest(reader).some(({ kind, value }) =>
    kind === "word" && ["before", "after"].includes(value)
  );
  if (!ordered) {
    yield finding(
      at,
      "add-enum-value-order",
      `where the new value of ${found} sorts is left open; say BEFORE or AFTER another value`,
    );
  }
  if (statements.some((other) => !addsValue(readerOf(other)))) {
    yield finding(
      at,
      "add-enum-value-step",
      `a new value of ${found} cannot be used in the transaction that adds it; give ADD VALUE a step of its own`,
    );
  }
}

function addsValue(reader: Reader): boolean {
  return typeIn(reader) !== undefined && sees(reader, "add", "value");
}

function typeIn(reader: Reader): string | undefined {
  const found = takes(reader, "alter", "type") ? name(reader) : undefined;
  return found && shown(found);
}
