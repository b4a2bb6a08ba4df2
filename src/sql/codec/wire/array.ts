import type { Buffer } from "node:buffer";
import {
  type TextReader,
  UnreadableValue,
  type ValueReader,
} from "./value_reader.ts";

/** How to read arrays that an array of JavaScript cannot represent. */
export const AS_TEXT =
  "To read such arrays, declare the field as z.string() with the column's type as meta({ sqlType })";

/** The dimensions of a stored array: their sizes and lower bounds, and the position of its first item. */
interface Shape {
  readonly sizes: readonly number[];
  readonly bounds: readonly number[];
  readonly first: number;
}

/** Reads the header: the number of dimensions, a flag for nulls, the element type, and of each dimension its size and lower bound. */
function shapeOf(view: DataView, at: number): Shape {
  const dimensions = view.getInt32(at);
  const sizes: number[] = [];
  const bounds: number[] = [];
  for (let index = 0; index < dimensions; index++) {
    sizes.push(view.getInt32(at + 12 + index * 8));
    bounds.push(view.getInt32(at + 16 + index * 8));
  }
  return { sizes, bounds, first: at + 12 + dimensions * 8 };
}

/** Reads the items in order: of each its length, or -1 for null, and its bytes. */
function readItems<T>(
  bytes: Buffer,
  view: DataView,
  { sizes, first }: Shape,
  read: ValueReader<T>,
): (T | null)[] {
  const count = sizes.reduce(
    (product, size) => product * size,
    sizes.length > 0 ? 1 : 0,
  );
  const items: (T | null)[] = new Array(count);
  let at = first;
  for (let index = 0; index < count; index++) {
    const length = view.getInt32(at);
    at += 4;
    if (length < 0) items[index] = null;
    else {
      items[index] = read(bytes, view, at, length);
      at += length;
    }
  }
  return items;
}

/** Returns the reader of a model's arrays, which have one dimension from 1 on. */
export function arrayReader(
  item: ValueReader,
  nullableItems: boolean,
): ValueReader {
  return (bytes, view, at) => {
    const shape = shapeOf(view, at);
    const { sizes, bounds } = shape;
    if (sizes.length > 1) {
      throw new UnreadableValue(
        `holds an array of ${sizes.length} dimensions`,
        AS_TEXT,
      );
    }
    const [bound = 1] = bounds;
    if (bound !== 1) {
      throw new UnreadableValue(
        `holds an array that begins at index ${bound}, which an array of JavaScript cannot represent`,
        AS_TEXT,
      );
    }
    const items = readItems(bytes, view, shape, item);
    if (!nullableItems) assertNoNull(items);
    return items;
  };
}

/** @throws {UnreadableValue} if an item is null */
export function assertNoNull(items: readonly unknown[]): void {
  const index = items.indexOf(null);
  if (index < 0) return;
  throw new UnreadableValue(
    `holds an array in which item ${index} is null`,
    `To read such arrays, declare the items as nullable: z.array(….nullable())`,
  );
}

/** Returns the reader of arrays in native queries: several dimensions become nested arrays. */
export function nestedArrayReader(item: ValueReader): ValueReader {
  return (bytes, view, at) => {
    const shape = shapeOf(view, at);
    return nest(readItems(bytes, view, shape, item), shape.sizes);
  };
}

/** Returns the reader of arrays as text, as PostgreSQL writes them: `{1,NULL,"a b"}`, with the bounds if one is not 1. */
export function arrayTextReader(
  item: TextReader,
  separator = ",",
): TextReader {
  return (bytes, view, at) => {
    const shape = shapeOf(view, at);
    const { sizes, bounds } = shape;
    const items = readItems(bytes, view, shape, item).map((text) =>
      text === null ? "NULL" : quotedItem(text, separator)
    );
    const prefix = bounds.every((bound) => bound === 1)
      ? ""
      : `${
        sizes.map((size, index) => {
          const bound = bounds[index] ?? 1;
          return `[${bound}:${bound + size - 1}]`;
        }).join("")
      }=`;
    return prefix + literal(nest(items, sizes), separator);
  };
}

function literal(items: unknown, separator: string): string {
  return Array.isArray(items)
    ? `{${items.map((inner) => literal(inner, separator)).join(separator)}}`
    : String(items);
}

/** Quotes an item of an array's text if it needs quotes. */
function quotedItem(text: string, separator = ","): string {
  return text === "" || /^null$/i.test(text) || /["\\{}\s]/.test(text) ||
      text.includes(separator)
    ? `"${text.replaceAll(/["\\]/g, "\\$&")}"`
    : text;
}

/** Groups items by dimension: the last dimension is the innermost. */
function nest(items: readonly unknown[], sizes: readonly number[]): unknown {
  return sizes.slice(1).reduceRight<readonly unknown[]>(
    (flat, size) =>
      Array.from(
        { length: flat.length / size },
        (_, index) => flat.slice(index * size, (index + 1) * size),
      ),
    items,
  );
}
