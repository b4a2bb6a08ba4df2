import type { MigrationDialect } from "../../engine/migrations/mod.ts";
import { lintSql } from "./lint/lint.ts";
import { parseSql } from "./file/parse.ts";
import { commentSql, emptySql, printSql } from "./file/print.ts";

/** Files of PostgreSQL migrations: SQL that psql can run. */
export const sqlDialect: MigrationDialect = {
  folder: "sql",
  extension: ".sql",
  parse: parseSql,
  print: printSql,
  lint: lintSql,
  empty: emptySql,
  comment: commentSql,
};
