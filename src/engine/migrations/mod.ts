// The contract of migrations with an engine: types only.
export type { LintProblem, MigrationDialect } from "./dialect.ts";
export type { MigrationEvent } from "./event.ts";
export type {
  Decision,
  Draft,
  DraftStep,
  Intent,
  PlanOptions,
  SchemaPlan,
} from "./plan.ts";
export type {
  HistoryRecord,
  MigrationRun,
  MigrationState,
  NewRecord,
} from "./record.ts";
export type { Direction, Ignored, Script, Step } from "./script.ts";
export type {
  LockOptions,
  MigrationServer,
  MigrationSession,
} from "./session.ts";
export type { MigrationTarget, PartialFiles } from "./target.ts";
