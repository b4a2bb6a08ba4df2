import type { ColumnMetaData } from "hyparquet";
import { LimitError } from "../../base/errors/mod.ts";
import { beyond, type Limits } from "../../files/read/limits.ts";
import { assertThriftSizes } from "./thrift_sizes.ts";
import { loadModule } from "../../base/load_module.ts";

/** The most values of a page, and of a column with arrays in a row group. */
const MAX_VALUES: number = 1 << 22;
/** How many times as many bytes as a page a column of a row group may have: it is in memory as a whole. */
const CHUNK_PAGES = 4;

/** The header of a page, as the library reads it. */
interface PageHeader {
  readonly uncompressed_page_size: number;
  readonly compressed_page_size: number;
  readonly data_page_header?: { readonly num_values: number };
  readonly data_page_header_v2?: { readonly num_values: number };
  readonly dictionary_page_header?: { readonly num_values: number };
}

/** Checks the declared sizes of a column in a row group before it is read. */
export function assertChunk(
  { total_compressed_size: size, num_values: values }: ColumnMetaData,
  rows: bigint,
  isFlat: boolean,
  position: string,
  limits: Limits,
  damaged: (reason: string) => Error,
): void {
  const most = CHUNK_PAGES * limits.maxBlock;
  if (size > most) {
    throw new LimitError(
      `Cannot read ${position}: it has ${size} bytes, more than ${most}. Write the file with smaller row groups, or set maxBlock`,
      { limit: "maxBlock", allowed: limits.maxBlock },
    );
  }
  if (isFlat && values !== rows) {
    throw damaged(`${position} has ${values} values for ${rows} rows`);
  }
  if (!isFlat && values > MAX_VALUES) {
    throw tooManyValues(position, Number(values));
  }
}

/** Checks the declared sizes of all pages of a column before one of them is decompressed. */
export async function assertPages(
  chunk: ArrayBuffer,
  position: string,
  limits: Limits,
  damaged: (reason: string, cause?: unknown) => Error,
): Promise<void> {
  const { parquetHeader } = await loadModule(() => import("./library.ts"));
  const reader = { view: new DataView(chunk), offset: 0 };
  while (reader.offset < chunk.byteLength - 1) {
    let header: PageHeader;
    try {
      assertThriftSizes(reader.view, reader.offset);
      header = parquetHeader(reader);
    } catch (error) {
      throw damaged(`the header of a page in ${position} is wrong`, error);
    }
    const {
      uncompressed_page_size: size,
      compressed_page_size: stored,
      data_page_header: first,
      data_page_header_v2: second,
      dictionary_page_header: dictionary,
    } = header;
    if (size > limits.maxBlock) {
      throw beyond("maxBlock", limits, `a page of ${position}`, size);
    }
    const values = (first ?? second ?? dictionary)?.num_values ?? 0;
    if (values > MAX_VALUES) throw tooManyValues(position, values);
    if (
      size < 0 || stored < 0 || values < 0 ||
      stored > chunk.byteLength - reader.offset
    ) throw damaged(`the sizes of a page in ${position} are wrong`);
    reader.offset += stored;
  }
}

function tooManyValues(position: string, values: number): LimitError {
  return new LimitError(
    `Cannot read ${position}: it has ${values} values in a page, more than ${MAX_VALUES}. Write the file with smaller row groups`,
    { limit: "values of a page", allowed: MAX_VALUES, got: values },
  );
}
