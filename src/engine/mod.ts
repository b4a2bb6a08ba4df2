/**
 * What an engine's author needs: the engine, the statements that it carries
 * out, and the contract of its migrations. An engine is one value, an
 * {@link Engine}; the suite of `@alerce/db-plugins/testing` checks it.
 *
 * @example An engine that keeps no rows.
 * ```ts
 * import { connect } from "@alerce/db-plugins";
 * import { type Engine, runner } from "@alerce/db-plugins/engine";
 * import { AstroObject } from "@alerce/db-plugins/models";
 * import assert from "node:assert/strict";
 *
 * const unsupported = () => Promise.reject(new Error("read only"));
 * const empty: Engine = {
 *   name: "empty",
 *   open: () =>
 *     Promise.resolve({
 *       run: runner({
 *         find: () => Promise.resolve([]),
 *         findEach: () => Promise.resolve([]),
 *         findNear: () => Promise.resolve([]),
 *         count: () => Promise.resolve(0),
 *         exists: () => Promise.resolve(false),
 *         aggregate: () => Promise.resolve([]),
 *         update: () => Promise.resolve(0),
 *         updateEach: () => Promise.resolve(0),
 *         updateEachReturning: () => Promise.resolve([]),
 *         delete: () => Promise.resolve(0),
 *         updateReturning: () => Promise.resolve([]),
 *         deleteReturning: () => Promise.resolve([]),
 *         getOrCreate: unsupported,
 *         insertRow: unsupported,
 *         insert: unsupported,
 *         upsert: unsupported,
 *       }),
 *       stream: async function* () {},
 *       transaction: unsupported,
 *       createDb: () => Promise.resolve({ created: [], present: [] }),
 *       dropDb: () => Promise.resolve([]),
 *       close: () => Promise.resolve(),
 *     }),
 * };
 *
 * await using db = await connect({ ENGINE: "empty" }, { engines: [empty] });
 * assert.deepEqual(await db.query(AstroObject).findAll(), []);
 * ```
 *
 * @module
 */
export {
  type Backend,
  type DatabaseDescription,
  type Engine,
  type OpenOptions,
  type SlowQueries,
} from "./engine.ts";
export { type RunCall } from "../base/call_scope.ts";
export {
  type ConstraintFields,
  type ErrorFields,
  type LimitErrorFields,
  type Message,
  type QueryErrorFields,
  type ValidationErrorFields,
} from "../base/errors/mod.ts";
export {
  type Field,
  type FieldType,
  type NanRule,
  type ScalarKind,
} from "../model/field.ts";
export { type Filled } from "../model/filled.ts";
export { type MongoMapping } from "../model/types.ts";
export {
  type Comparison,
  type Condition,
  type JsonPath,
} from "../query/statement/condition.ts";
export {
  type AggregateStatement,
  type Combination,
  type CountStatement,
  type DeleteReturningStatement,
  type DeleteStatement,
  type ExistsStatement,
  type FindEachStatement,
  type FindNearStatement,
  type FindStatement,
  type GetOrCreateStatement,
  type Groups,
  type GroupSort,
  type InsertRowStatement,
  type InsertStatement,
  type Measure,
  type Outcome,
  type Returned,
  type RowLock,
  type Sort,
  type Statement,
  type Statements,
  type TargetCone,
  type UpdateEachReturningStatement,
  type UpdateEachStatement,
  type UpdateReturningStatement,
  type UpdateStatement,
  type UpsertStatement,
} from "../query/statement/statement.ts";
export {
  distanceOf,
  type Nearest,
  type PositionFields,
} from "../query/statement/position.ts";
export {
  type Cone,
  isWithin,
  type Polygon,
  type Region,
} from "../sky/region.ts";
export { type Vector } from "../sky/vector.ts";
export { type TransactionModes } from "../query/statement/transaction_options.ts";
export {
  type Executor,
  runner,
  type StatementHandlers,
} from "../query/statement/executor.ts";
export {
  assertFilled,
  changes,
  newRow,
  type Values,
} from "../query/write/values.ts";
export { type Operation } from "../model/expression.ts";
export { sumOutOfRange } from "../query/write/out_of_range.ts";
export { assertNotGenerated } from "../query/checks/not_generated.ts";
export {
  type Decision,
  type Direction as MigrationDirection,
  type Draft,
  type DraftStep,
  type HistoryRecord,
  type Ignored,
  type Intent,
  type LintProblem,
  type LockOptions,
  type MigrationDialect,
  type MigrationEvent,
  type MigrationRun,
  type MigrationServer,
  type MigrationSession,
  type MigrationState,
  type MigrationTarget,
  type NewRecord,
  type PartialFiles,
  type PlanOptions,
  type SchemaPlan,
  type Script,
  type Step as MigrationStep,
} from "./migrations/mod.ts";
