/**
 * Migrations: files that a person can read, made from models and applied
 * under a lock.
 *
 * @module
 */
export { assertMigrated } from "./assert.ts";
export { baseline } from "./baseline.ts";
export { check } from "./check.ts";
export { drift } from "./drift.ts";
export { history } from "./history.ts";
export { makeMigrations } from "./make.ts";
export { migrate } from "./migrate.ts";
export {
  type AppliedMigration,
  type BaselineOptions,
  type BaselineReport,
  type CheckReport,
  type DriftReport,
  type FolderOptions,
  type MakeOptions,
  type MakeReport,
  type Migratable,
  type MigrateOptions,
  type MigrateReport,
  type PendingMigration,
  type PrintOptions,
  type Problem,
  type RanMigration,
  type RollbackOptions,
  type RollbackReport,
  type RunOptions,
  type StampOptions,
  type StampReport,
  type StatusReport,
  type WrittenFiles,
} from "./options.ts";
export { rollback } from "./rollback.ts";
export { printSql } from "./sql.ts";
export { stamp } from "./stamp.ts";
export { status } from "./status.ts";
export {
  type Decision,
  type Direction,
  type Draft,
  type DraftStep,
  type HistoryRecord,
  type Ignored,
  type Intent,
  type LintProblem,
  type LockOptions,
  type MigrationDialect,
  type MigrationEvent,
  type MigrationSession,
  type MigrationState,
  type MigrationTarget,
  type NewRecord,
  type SchemaPlan,
  type Script,
  type Step,
} from "../migration.ts";
