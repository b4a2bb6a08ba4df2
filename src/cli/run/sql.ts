import { printSql } from "../../migrations/mod.ts";
import type { SqlCommand } from "../parse/sql.ts";
import type { Report } from "../terminal/report.ts";
import { findTarget } from "./target.ts";

/** Prints what would run. */
export async function runSql(command: SqlCommand): Promise<Report> {
  const { path, open } = await findTarget(command);
  await using connection = await open();
  const { to, steps, down } = command;
  const sql = await printSql(connection, {
    directory: command.migrations,
    to,
    steps,
    direction: down ? "down" : "up",
  });
  const { dialect } = connection.migrations();
  const nothing = `Nothing to ${
    down ? "take back" : "do"
  } (config from ${path})`;
  return {
    data: { path, sql },
    lines: [(sql.trim() === "" ? dialect.comment(nothing) : sql).trimEnd()],
  };
}
