/** Functions of the server that return the same value for every row. */
export const STABLE_FUNCTIONS: ReadonlySet<string> = new Set([
  ...["abs", "array_fill", "concat", "current_database", "current_schema"],
  ...["current_setting", "date_trunc", "decode", "encode", "format"],
  ...["hashtext", "json_build_array", "json_build_object"],
  ...["jsonb_build_array", "jsonb_build_object", "left", "length", "lower"],
  ...["make_date", "make_interval", "make_time", "make_timestamp"],
  ...["make_timestamptz", "md5", "now", "repeat", "right", "round"],
  ...["statement_timestamp", "substring", "timezone", "to_char", "to_date"],
  ...["to_json", "to_jsonb", "to_number", "to_timestamp"],
  ...["transaction_timestamp", "txid_current", "upper"],
]);

/** Words that may precede a parenthesis and are not functions, or that PostgreSQL does not list as functions. */
export const STABLE_WORDS: ReadonlySet<string> = new Set([
  ...["and", "array", "cast", "coalesce", "current_time", "current_timestamp"],
  ...["extract", "greatest", "in", "interval", "least", "localtime"],
  ...["localtimestamp", "nullif", "or", "row", "trim"],
]);
