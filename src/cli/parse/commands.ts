import type { Command } from "./command.ts";
import { check } from "./check.ts";
import { drift } from "./drift.ts";
import { dropdb } from "./dropdb.ts";
import { exportCommand } from "./export.ts";
import { history } from "./history.ts";
import { initdb } from "./initdb.ts";
import { load } from "./load.ts";
import { makeMigrations } from "./make_migrations.ts";
import { migrate } from "./migrate.ts";
import { rollback } from "./rollback.ts";
import { sql } from "./sql.ts";
import { stamp } from "./stamp.ts";
import { status } from "./status.ts";

/** Every command, in the order of `dbp --help`. */
export const COMMANDS: readonly [Command, Command, ...Command[]] = [
  initdb,
  makeMigrations,
  migrate,
  rollback,
  status,
  history,
  check,
  drift,
  stamp,
  sql,
  load,
  exportCommand,
  dropdb,
];
