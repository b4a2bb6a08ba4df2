import { QueryError } from "../../base/errors/mod.ts";
import { nearest } from "../../base/nearest.ts";
import type { AnyModel } from "../../model/types.ts";
import type { RowLock } from "../statement/statement.ts";
import type { Read } from "./find.ts";

/** Options that lock the rows that are read until the transaction ends. */
export interface RowLockOptions {
  /**
   * Locks the rows until the transaction ends, on SQL, inside `transaction`.
   * `update`: other transactions can neither change nor lock them. `share`: they
   * can only read and share them.
   */
  lock?: "update" | "share";
  /** With `lock`: leaves out rows that another transaction has locked, in place of waiting for them. */
  skipLocked?: boolean;
}

const MODES = ["update", "share"] as const;

/**
 * Compiles the options `lock` and `skipLocked`.
 *
 * @throws {QueryError} if one of them is wrong
 */
export function compileLock(
  model: AnyModel,
  { lock, skipLocked = false }: {
    readonly lock?: unknown;
    readonly skipLocked?: unknown;
  },
): RowLock | undefined {
  if (typeof skipLocked !== "boolean") {
    throw lockError(model, "skipLocked", "skipLocked must be true or false");
  }
  const mode = MODES.find((mode) => mode === lock);
  if (lock !== undefined && mode === undefined) {
    throw lockError(
      model,
      "lock",
      'lock must be "update" or "share"',
      nearest(String(lock), MODES),
    );
  }
  if (mode !== undefined) return { mode, skipLocked };
  if (!skipLocked) return undefined;
  throw lockError(
    model,
    "skipLocked",
    'skipLocked requires lock: "update" or lock: "share"',
  );
}

/** Returns a read that locks its rows. */
export function locked(read: Read, lock: RowLock | undefined): Read {
  return lock === undefined
    ? read
    : { ...read, statement: Object.freeze({ ...read.statement, lock }) };
}

function lockError(
  { name }: AnyModel,
  field: string,
  problem: string,
  nearest?: string,
): QueryError {
  return new QueryError(`Cannot lock rows of ${name}: ${problem}`, {
    model: name,
    field,
    nearest,
  });
}
