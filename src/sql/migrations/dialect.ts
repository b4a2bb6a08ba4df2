import type { MigrationDialect } from "../../engine/migrations/mod.ts";
import { lintSql } from "./lint/lint.ts";
import { parseSql } from "./file/parse.ts";
import { commentSql, emptySql, printSql } from "./file/print.ts";

/** How PostgreSQL's migrations are written: SQL that psql could run. */
export const sqlDialect: MigrationDialect = {
  folder: "sql",
  extension: ".sql",
  parse: parseSql,
  print: printSql,
  lint: lintSql,
  empty: emptySql,
  comment: commentSql,
};
