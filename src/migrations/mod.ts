/**
 * Migrations: readable files, generated from models and applied under a lock.
 *
 * @example Create, change and restore a table.
 * ```ts
 * import { connect, defineModel } from "@alerce/db-plugins";
 * import { assertMigrated, makeMigrations, migrate, rollback, status } from "@alerce/db-plugins/migrate";
 * import assert from "node:assert/strict";
 * import { mkdtemp, rm } from "node:fs/promises";
 * import { join } from "node:path";
 * import { tmpdir } from "node:os";
 * import { z } from "zod";
 *
 * const Star = defineModel("star", {
 *   fields: z.object({ id: z.int64(), name: z.string() }),
 *   primaryKey: ["id"],
 * });
 *
 * const directory = await mkdtemp(join(tmpdir(), "migrations-"));
 * await using db = await connect(
 *   { SQL: { ENGINE: "pglite", DB_NAME: "memory://" } },
 *   { models: [Star] },
 * );
 *
 * const { files } = await makeMigrations(db, { directory, name: "add_star" });
 * assert.match(files?.up ?? "", /\d{8}T\d{6}_add_star\.up\.sql$/);
 * assert.match(files?.upText ?? "", /CREATE TABLE .*star/);
 *
 * const { applied } = await migrate(db, { directory });
 * assert.equal(applied.length, 1);
 * await assertMigrated(db, { directory });
 * assert.equal((await makeMigrations(db, { directory })).files, undefined);
 *
 * await rollback(db, { directory });
 * assert.equal((await status(db, { directory })).pending.length, 1);
 * await rm(directory, { recursive: true });
 * ```
 *
 * @module
 */
export { assertMigrated } from "./check/assert_migrated.ts";
export { baseline } from "./run/baseline.ts";
export { check } from "./check/check.ts";
export {
  DecisionError,
  LockError,
  MigrationError,
  SchemaError,
} from "../base/errors/mod.ts";
export { drift } from "./check/drift.ts";
export { history } from "./history/history.ts";
export { lineDialect, type LineSyntax } from "./engine/line_dialect.ts";
export { makeMigrations } from "./make/make.ts";
export { migrate } from "./run/migrate.ts";
export {
  type BaselineOptions,
  type FolderOptions,
  type MakeOptions,
  type Migratable,
  type MigrateOptions,
  type PrintOptions,
  type RollbackOptions,
  type RunOptions,
  type StampOptions,
} from "./report/options.ts";
export {
  type AppliedMigration,
  type BaselineReport,
  type CheckReport,
  type DriftReport,
  type FailedRollback,
  type MakeReport,
  type MigrateReport,
  type PendingMigration,
  type Problem,
  type RanMigration,
  type RollbackReport,
  type StampReport,
  type StatusReport,
  type WrittenFiles,
} from "./report/reports.ts";
export { rollback } from "./run/rollback.ts";
export { type MigrationEngine } from "./engine/engine.ts";
export { migrationTarget } from "./engine/target.ts";
export { printSql } from "./run/print.ts";
export { stamp } from "./run/stamp.ts";
export { status } from "./check/status.ts";
