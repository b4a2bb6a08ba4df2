// The only import of these packages, itself imported when a Parquet file is met.
export { parquetMetadata, parquetRead, parquetSchema } from "hyparquet";
export { parquetHeader } from "hyparquet/src/column.js";
export { compressors } from "hyparquet-compressors";
