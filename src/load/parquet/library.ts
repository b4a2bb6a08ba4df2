// The only import of these packages, itself imported when a Parquet file is met.
export { parquetMetadata, parquetRead, parquetSchema } from "hyparquet";
export { parquetHeader, readPage } from "hyparquet/src/column.js";
export {
  convert,
  convertWithDictionary,
  DEFAULT_PARSERS,
} from "hyparquet/src/convert.js";
export {
  decompressPage,
  readDataPage,
  readDataPageV2,
} from "hyparquet/src/datapage.js";
export { getTreePath, isFlatColumn } from "hyparquet/src/schema.js";
export { compressors } from "hyparquet-compressors";
