import type { Step } from "../../../engine/migrations/mod.ts";

/** Default timeouts, in milliseconds: short for a step that holds locks, long for one without a transaction, which waits for locks forever because a timeout would leave an INVALID index. */
const LIMITS = {
  transaction: { lock: 2_000, statement: 30_000 },
  none: { lock: 0, statement: 7_200_000 },
};

/** Returns the settings that limit a step's statements. */
export function limitsOf(
  { transaction, lockTimeout, statementTimeout }: Step,
): Readonly<Record<string, string>> {
  const defaults = transaction ? LIMITS.transaction : LIMITS.none;
  return {
    "lock_timeout": String(lockTimeout ?? defaults.lock),
    "statement_timeout": String(statementTimeout ?? defaults.statement),
  };
}
