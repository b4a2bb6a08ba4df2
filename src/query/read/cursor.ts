import { createHash } from "node:crypto";
import { QueryError } from "../../base/errors/mod.ts";
import type { AnyModel } from "../../model/types.ts";
import { conditionText } from "../statement/condition_text.ts";
import type { Condition } from "../statement/condition.ts";
import type { Sort } from "../statement/statement.ts";
import { fromCursor, toCursor } from "./cursor_value.ts";

/** The version of the format. */
const VERSION = 1;
/** Characters of the checksum at the end of a cursor. */
const CHECKSUM = 16;
const URL_SAFE = { alphabet: "base64url", omitPadding: true } as const;

/** The query that a cursor belongs to. */
export interface CursorScope {
  readonly model: AnyModel;
  readonly where: Condition;
  readonly order: readonly Sort[];
}

/** A position in the order of rows: after a row, or before it. */
export interface CursorPosition {
  readonly side: "after" | "before";
  /** The values of the order's fields in the row. */
  readonly row: Readonly<Record<string, unknown>>;
}

/** Returns the cursor of a position, which holds the values of the order's fields, the model, the order, and a checksum of the filter. It is safe in a URL. */
export function writeCursor(
  { model, where, order }: CursorScope,
  { side, row }: CursorPosition,
): string {
  const content = JSON.stringify([
    VERSION,
    side,
    model.name,
    orderText(order),
    checksumOf(conditionText(where)),
    order.map(({ field: { name, type } }) => toCursor(type, row[name])),
  ]);
  const text = new TextEncoder().encode(content).toBase64(URL_SAFE);
  return text + checksumOf(text);
}

/**
 * Returns the position of a cursor.
 *
 * @throws {QueryError} if it is not a cursor of this scope, or was changed
 */
export function readCursor(
  { model, where, order }: CursorScope,
  cursor: unknown,
): CursorPosition {
  const [version, side, name, given, filter, values] = contentOf(model, cursor);
  if (
    version !== VERSION || (side !== "after" && side !== "before") ||
    !Array.isArray(values)
  ) throw cursorError(model, "it comes from another version of this library");
  if (name !== model.name) {
    throw cursorError(model, `it belongs to a page of ${name}`);
  }
  if (given !== orderText(order)) {
    throw cursorError(
      model,
      `it belongs to a page in the order ${given}; pass the same orderBy`,
    );
  }
  if (filter !== checksumOf(conditionText(where))) {
    throw cursorError(
      model,
      "it belongs to a page with another filter; pass the same filterBy",
    );
  }
  return {
    side,
    row: Object.fromEntries(
      order.map(({ field: { name, type } }, index) => [
        name,
        fromCursor(type, values[index] ?? null),
      ]),
    ),
  };
}

/** Returns the parts of a cursor whose checksum is correct. */
function contentOf(model: AnyModel, cursor: unknown): readonly unknown[] {
  if (typeof cursor !== "string") {
    throw cursorError(
      model,
      "it must be a text: the cursor or previousCursor of a page",
    );
  }
  const text = cursor.slice(0, -CHECKSUM);
  if (text === "" || cursor !== text + checksumOf(text)) {
    throw cursorError(
      model,
      "it was cut or changed; pass the cursor of a page as it is",
    );
  }
  const content = decoded(text);
  return Array.isArray(content) ? content : [];
}

/** Returns the JSON of a text whose checksum is correct; undefined if the text is not JSON, because anyone can compute a checksum. */
function decoded(text: string): unknown {
  try {
    return JSON.parse(
      new TextDecoder().decode(Uint8Array.fromBase64(text, URL_SAFE)),
    );
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function orderText(order: readonly Sort[]): string {
  return order.map(({ field: { name }, direction, nulls }) =>
    `${name} ${direction} nulls ${nulls}`
  ).join(", ");
}

function checksumOf(text: string): string {
  return createHash("sha256").update(text).digest("base64url")
    .slice(0, CHECKSUM);
}

/** Returns the error about a cursor that cannot be used. */
export function cursorError(model: AnyModel, problem: string): QueryError {
  return new QueryError(
    `Cannot page ${model.name}: the cursor does not belong to this query: ${problem}`,
    { model: model.name, field: "cursor" },
  );
}
