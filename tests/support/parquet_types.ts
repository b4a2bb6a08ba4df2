/** The types of columns that hyparquet-writer writes. */
export const PARQUET_TYPES = [
  "INT32",
  "INT64",
  "FLOAT",
  "DOUBLE",
  "BOOLEAN",
  "STRING",
] as const;
