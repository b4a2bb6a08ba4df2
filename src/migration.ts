// What migrations ask of an engine: types only.
export type { LintProblem, MigrationDialect } from "./migration/dialect.ts";
export type { MigrationEvent } from "./migration/event.ts";
export type {
  Decision,
  Draft,
  DraftStep,
  Intent,
  PlanOptions,
  SchemaPlan,
} from "./migration/plan.ts";
export type {
  HistoryRecord,
  MigrationRun,
  MigrationState,
  NewRecord,
} from "./migration/record.ts";
export type { Direction, Ignored, Script, Step } from "./migration/script.ts";
export type {
  LockOptions,
  MigrationServer,
  MigrationSession,
} from "./migration/session.ts";
export type { MigrationTarget } from "./migration/target.ts";
