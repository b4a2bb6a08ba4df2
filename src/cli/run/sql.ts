import { printable } from "../../base/errors/printable.ts";
import { type PrintOptions, printSql } from "../../migrations/mod.ts";
import type { Report } from "../terminal/report.ts";
import type { Context } from "./context.ts";

/** Prints what `migrate` or `rollback` would run. */
export async function run(
  options: PrintOptions,
  { path, open }: Context,
): Promise<Report> {
  await using connection = await open();
  const sql = await printSql(connection, options);
  const { dialect } = connection.migrations();
  const nothing = `Nothing to ${
    options.direction === "down" ? "roll back" : "apply"
  } (config from ${path})`;
  return {
    data: { sql },
    lines: [],
    text: (sql.trim() === "" ? dialect.comment(printable(nothing)) : sql)
      .trimEnd(),
  };
}
