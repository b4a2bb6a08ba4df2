import type { ColumnMetaData, DecodedArray, SchemaElement } from "hyparquet";
import type {
  ColumnDecoder,
  PageHeader,
  SchemaTree,
} from "hyparquet/src/types.js";
import type { ColumnPart, Values } from "./column_part.ts";
import { PARSERS } from "./parsers.ts";

type Library = typeof import("./library.ts");

/** A column of a row group that has one value or null in each row. */
export interface FlatColumn {
  /** The bytes of its pages. */
  readonly chunk: ArrayBuffer;
  readonly path: SchemaTree[];
  readonly metadata: ColumnMetaData;
}

/**
 * Reads the values of some rows of a column. The library decodes the pages; it
 * would put their values into arrays of the heap, one by one.
 *
 * @param from the first row, counted from the beginning of the row group
 * @throws {RangeError} if the column has fewer values than rows
 */
export function readFlatColumn(
  library: Library,
  { chunk, path, metadata }: FlatColumn,
  from: number,
  length: number,
): ColumnPart {
  const element = path.at(-1)?.element;
  if (element === undefined) throw new RangeError("the column has no type");
  const decoder: ColumnDecoder = {
    ...metadata,
    pathInSchema: metadata.path_in_schema,
    element,
    schemaPath: path,
    compressors: library.compressors,
    parsers: { ...library.DEFAULT_PARSERS, ...PARSERS },
    utf8: false,
  };
  const part = emptyPart(element, length);
  const reader = { view: new DataView(chunk), offset: 0 };
  let dictionary: DecodedArray | undefined;
  let row = -from;
  while (row < length && reader.offset < chunk.byteLength - 1) {
    const header = library.parquetHeader(reader);
    const rows = rowsOf(header);
    if (rows === undefined) {
      const { data } = library.readPage(
        ...[reader, header, decoder] as const,
        ...[dictionary, undefined, 0] as const,
      );
      if (data !== undefined) dictionary = library.convert(data, decoder);
      continue;
    }
    const bytes = new Uint8Array(
      chunk,
      reader.offset,
      header.compressed_page_size,
    );
    reader.offset += header.compressed_page_size;
    if (row + rows > 0) {
      const { levels, values } = decoded(
        library,
        decoder,
        header,
        bytes,
        dictionary,
      );
      if (levels === undefined) putAll(part, row, values, rows);
      else putSome(part, row, values, levels);
    }
    row += rows;
  }
  if (row < length) throw new RangeError("it has fewer values than rows");
  return part;
}

/** Returns the number of rows of a page; undefined if it is no page of values. */
function rowsOf(
  { data_page_header: first, data_page_header_v2: second }: PageHeader,
): number | undefined {
  return first?.num_values ?? second?.num_rows;
}

/** Decodes the values of a page, and the levels that tell null (0) from a value (1); no levels if no row is null. */
function decoded(
  library: Library,
  decoder: ColumnDecoder,
  header: PageHeader,
  bytes: Uint8Array,
  dictionary: DecodedArray | undefined,
): { levels: readonly number[] | undefined; values: DecodedArray } {
  const { data_page_header: first, data_page_header_v2: second } = header;
  const encoding = (first ?? second)?.encoding ?? "PLAIN";
  const { definitionLevels, dataPage } = first === undefined
    ? library.readDataPageV2(bytes, header, decoder)
    : library.readDataPage(
      library.decompressPage(
        bytes,
        header.uncompressed_page_size,
        decoder.codec,
        decoder.compressors,
      ),
      first,
      decoder,
    );
  const isComplete = definitionLevels === undefined ||
    definitionLevels.length === 0 || second?.num_nulls === 0;
  return {
    levels: isComplete ? undefined : definitionLevels,
    values: library.convertWithDictionary(
      dataPage,
      dictionary,
      encoding,
      decoder,
    ),
  };
}

/** Puts the values of a page without nulls into a part that may begin or end within the page. */
function putAll(
  { values: target, nulls }: ColumnPart,
  row: number,
  values: DecodedArray,
  rows: number,
): void {
  assertCount(values, rows);
  const first = Math.max(0, -row);
  const end = Math.min(rows, target.length - row);
  if (!areNumbersCopied(target, row, values, first, end)) {
    for (let at = first; at < end; at++) {
      target[row + at] = existing(values[at]);
    }
  }
  nulls?.fill(0, row + first, row + end);
}

/** Copies numbers at once; returns false if the arrays have other types. */
function areNumbersCopied(
  target: Values,
  row: number,
  values: DecodedArray,
  first: number,
  end: number,
): boolean {
  if (target instanceof Float64Array && values instanceof Float64Array) {
    target.set(values.subarray(first, end), row + first);
  } else if (target instanceof Float32Array && values instanceof Float32Array) {
    target.set(values.subarray(first, end), row + first);
  } else if (target instanceof Int32Array && values instanceof Int32Array) {
    target.set(values.subarray(first, end), row + first);
  } else if (
    target instanceof BigInt64Array && values instanceof BigInt64Array
  ) {
    target.set(values.subarray(first, end), row + first);
  } else return false;
  return true;
}

function putSome(
  { values: target, nulls }: ColumnPart,
  row: number,
  values: DecodedArray,
  levels: readonly number[],
): void {
  let next = 0;
  for (const [at, level] of levels.entries()) {
    const position = row + at;
    const isWithin = position >= 0 && position < target.length;
    if (level === 1) {
      const value: unknown = values[next++];
      if (!isWithin) continue;
      target[position] = existing(value);
      if (nulls !== undefined) nulls[position] = 0;
    } else if (isWithin && nulls === undefined) target[position] = null;
  }
  assertCount(values, next);
}

function assertCount({ length }: DecodedArray, expected: number): void {
  if (length !== expected) {
    throw new RangeError(`a page has ${length} values in place of ${expected}`);
  }
}

/** @throws {RangeError} if the value is beyond the dictionary */
function existing(value: unknown): unknown {
  if (value === undefined) throw new RangeError("a value is missing");
  return value;
}

/** Returns a part without values. */
function emptyPart(
  { type, converted_type, logical_type }: SchemaElement,
  length: number,
): ColumnPart {
  const values = converted_type === undefined && logical_type === undefined
    ? numbers(type, length)
    : undefined;
  return values === undefined
    ? { values: Array<unknown>(length).fill(null), nulls: undefined }
    : { values, nulls: new Uint8Array(length).fill(1) };
}

function numbers(
  type: SchemaElement["type"],
  length: number,
): Values | undefined {
  switch (type) {
    case "INT32":
      return new Int32Array(length);
    case "INT64":
      return new BigInt64Array(length);
    case "FLOAT":
      return new Float32Array(length);
    case "DOUBLE":
      return new Float64Array(length);
    default:
      return undefined;
  }
}
