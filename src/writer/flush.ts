import { asWrite, hasNoTransactions } from "../base/errors/mod.ts";
import { outlasting } from "../query/statement/outlast.ts";
import { type GoodRows, writeGoodRows } from "./good_rows.ts";
import type { Handover } from "./handover.ts";
import { type PlannedWrite, planOf, rowsOf } from "./plan.ts";
import { isOfRow } from "./refused_row.ts";
import { createRepeat } from "./repeat.ts";
import { NONE, send, sum, type Written } from "./send.ts";
import type { WriterTarget } from "./types.ts";
import { writeWithoutTransaction } from "./without_transaction.ts";

/** How a flush writes. */
interface FlushOptions {
  /** The maximum number of retries; 0 in a transaction, which only its owner can repeat. */
  readonly retries: number;
  /** Whether rows that are refused are set aside. */
  readonly setsAside: boolean;
  /** Called before each repetition. */
  readonly onRetry: () => void;
}

/**
 * Writes all rows in one transaction; on a server without transactions, one
 * table after the other. Returns the rows that were refused, if they are set
 * aside.
 */
export async function flush(
  target: WriterTarget,
  handovers: readonly Handover[],
  { retries, setsAside, onRetry }: FlushOptions,
): Promise<GoodRows> {
  await Promise.all(handovers.map(({ read }) => read));
  const plan = planOf(handovers);
  if (plan.length === 0) return { written: NONE, rejected: [] };
  const repeat = createRepeat(retries, onRetry);
  // On MongoDB the transaction of a killed client blocks others for up to a minute.
  const options = outlasting({}, onRetry);
  let searches = false;
  try {
    return await repeat(plan, async () => {
      if (!searches) {
        try {
          return {
            written: await writeAll(target, plan, options),
            rejected: [],
          };
        } catch (error) {
          if (!setsAside || !isOfRow(error)) throw error;
          searches = true;
        }
      }
      return await writeGoodRows(target, plan, options);
    });
  } catch (error) {
    if (!hasNoTransactions(error)) throw error;
    return await asWrite(() =>
      writeWithoutTransaction(target, plan, setsAside, repeat)
    );
  }
}

/** Writes all rows in one transaction. */
function writeAll(
  target: WriterTarget,
  plan: readonly PlannedWrite[],
  options: object,
): Promise<Written> {
  return target.transaction(async (tx) => {
    let total = NONE;
    for (const write of plan) {
      const { model, call } = write;
      total = sum(total, await send(tx, model, call, rowsOf(write)));
    }
    return total;
  }, options);
}
