import { QueryError, withOutcome } from "../../base/errors/mod.ts";
import { READS } from "../statement/reads.ts";
import type { Statement, Statements } from "../statement/statement.ts";
import { isModel } from "../checks/model.ts";
import { frozen } from "./frozen.ts";
import type { Middleware } from "./middleware.ts";

/** Executes a statement, after all middleware. */
type Execute = (statement: Statement) => Promise<unknown>;

type Kind = keyof Statements;

const isNumber = (outcome: unknown): boolean => typeof outcome === "number";
const isObject = (outcome: unknown): boolean =>
  typeof outcome === "object" && outcome !== null && !Array.isArray(outcome);

/** Whether a value can be the outcome of a statement, by its kind. */
const IS_OUTCOME: Readonly<
  Record<Kind, readonly [(outcome: unknown) => boolean, text: string]>
> = {
  find: [Array.isArray, "an array of rows"],
  findEach: [Array.isArray, "an array of rows"],
  findNear: [Array.isArray, "an array with the rows of each target"],
  count: [isNumber, "a number"],
  exists: [(outcome) => typeof outcome === "boolean", "true or false"],
  aggregate: [Array.isArray, "an array of groups"],
  getOrCreate: [
    (outcome) => isObject(outcome) && isObject(Object(outcome).row),
    "an object with row and created",
  ],
  insertRow: [isObject, "a row"],
  insert: [isObject, "an object of numbers"],
  upsert: [isObject, "an object of numbers"],
  update: [isNumber, "a number"],
  updateEach: [isNumber, "a number"],
  updateEachReturning: [Array.isArray, "an array of rows"],
  delete: [isNumber, "a number"],
  updateReturning: [Array.isArray, "an array of rows"],
  deleteReturning: [Array.isArray, "an array of rows"],
};

/**
 * Passes a statement through middleware.
 *
 * @param execute executes what the last one passes on
 * @throws {QueryError} if middleware does not call `next` exactly once with a
 * statement, or returns something other than an outcome
 */
export async function runThrough(
  statement: Statement,
  [middleware, ...others]: readonly Middleware[],
  execute: Execute,
): Promise<unknown> {
  if (middleware === undefined) return await execute(statement);
  let calls = 0;
  let isApplied = false;
  let wrong: QueryError | undefined;
  let running: Promise<unknown> | undefined;
  const refuse = (problem: string): QueryError =>
    wrong ??= refusal(statement, problem);
  const next = (passed: unknown): Promise<never> => {
    if (calls++ > 0) {
      return Promise.reject(
        refuse(
          "it called next twice; the second call was not executed",
        ),
      );
    }
    if (!isStatement(passed)) {
      return Promise.reject(
        refuse(
          "it called next without a statement; pass the one that it received, or a copy",
        ),
      );
    }
    const result = runThrough(passed, others, execute).then((outcome) => {
      isApplied = !READS.has(passed.kind);
      return outcome;
    });
    running = result;
    // The call fails with it, also if the middleware does not await it.
    result.catch(() => {});
    // The caller's statement decides about the type, which IS_OUTCOME checks.
    return result as Promise<never>;
  };
  try {
    const outcome = await middleware(frozen(statement), next);
    await running;
    if (wrong !== undefined) throw wrong;
    if (calls === 0) {
      throw refuse(
        "it returned without calling next; to refuse a statement, throw an error",
      );
    }
    const [isOutcome, text] = IS_OUTCOME[statement.kind];
    if (isOutcome(outcome)) return outcome;
    throw refuse(
      `it must return ${text}, got ${
        outcome === undefined
          ? "undefined; is return missing before next(statement)?"
          : String(outcome)
      }`,
    );
  } catch (error) {
    await running?.catch(() => {});
    throw isApplied ? withOutcome(error, "applied", true) : error;
  }
}

function refusal({ kind, model }: Statement, problem: string): QueryError {
  return new QueryError(
    `Cannot ${kind} ${model.name} through middleware: ${problem}`,
    { model: model.name, field: "use" },
  );
}

function isStatement(value: unknown): value is Statement {
  return typeof value === "object" && value !== null && "kind" in value &&
    Object.hasOwn(IS_OUTCOME, String(value.kind)) && "model" in value &&
    isModel(value.model);
}
