import type { Step } from "../../../engine/migrations/mod.ts";

/** Limits where a step says none: what holds locks is short, what holds none may be long, and a lock is waited for without end where giving up would leave half an index. */
const LIMITS = {
  transaction: { lock: 2_000, statement: 30_000 },
  none: { lock: 0, statement: 7_200_000 },
};

/** The settings that limit a step's statements. */
export function limitsOf(
  { transaction, lockTimeout, statementTimeout }: Step,
): Readonly<Record<string, string>> {
  const usual = transaction ? LIMITS.transaction : LIMITS.none;
  return {
    "lock_timeout": String(lockTimeout ?? usual.lock),
    "statement_timeout": String(statementTimeout ?? usual.statement),
  };
}
