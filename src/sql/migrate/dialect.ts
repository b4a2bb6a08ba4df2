import type { MigrationDialect } from "../../migration.ts";
import { lintSql } from "./lint.ts";
import { parseSql } from "./parse.ts";
import { commentSql, emptySql, printSql } from "./print.ts";

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
