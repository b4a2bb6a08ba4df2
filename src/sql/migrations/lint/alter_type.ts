import { isNext, name, type Reader, rest, skip } from "../file/reader.ts";
import { type Context, type Finding, finding, shown } from "./context.ts";

/** Checks an `ALTER TYPE` of an existing type. */
export function* alterType(
  reader: Reader,
  { seen, addsValues }: Context,
): Generator<Finding> {
  const found = typeIn(reader);
  if (found === undefined || seen.types.has(found)) return;
  if (isNext(reader, "rename")) {
    yield finding(
      reader,
      "rename",
      "Running programs still use the old name and fail immediately. If no program uses it, write -- dbp:ignore rename <why>",
    );
  }
  const at = { ...reader };
  if (!skip(reader, "add", "value")) return;
  const ordered = rest(reader).some(({ kind, value }) =>
    kind === "word" && ["before", "after"].includes(value)
  );
  if (!ordered) {
    yield finding(
      at,
      "add-enum-value-order",
      `The sort order of the new value of ${found} is not specified. Write BEFORE or AFTER another value`,
    );
  }
  if (!addsValues) {
    yield finding(
      at,
      "add-enum-value-step",
      `The transaction that adds a value to ${found} cannot use it. Put ADD VALUE into a step of its own`,
    );
  }
}

/** Whether a statement adds a value to a type. */
export function addsValue({ tokens }: Reader): boolean {
  const reader = { tokens, at: 0 };
  return typeIn(reader) !== undefined && isNext(reader, "add", "value");
}

function typeIn(reader: Reader): string | undefined {
  const found = skip(reader, "alter", "type") ? name(reader) : undefined;
  return found && shown(found);
}
