import { LockError } from "../../../base/errors/mod.ts";
import type {
  SqlDriver,
  SqlLink,
  SqlSession,
  SqlTransaction,
} from "../../link/link.ts";
import { isStatementPooling } from "../../driver/pooler_error.ts";
import { row } from "../../link/run.ts";
import { serverErrorOf } from "../../link/server_error.ts";

/**
 * Checks that all statements of a session reach the same server process. Behind
 * a pooler that lends sessions by transaction, a second transaction takes the
 * process away from the session.
 *
 * @throws {LockError} if they do not
 */
export async function refuseTransactionPooler(
  driver: SqlDriver,
  session: SqlSession,
): Promise<void> {
  const first = await session.exclusively(processOf);
  if (session.pid === undefined || String(session.pid) === first) return;
  // A pooler that lends in turns sends the next statement to another process; else only a process in use shows it.
  const second = await session.exclusively(processOf);
  const tx = await beginTransaction(driver);
  try {
    const beside = await processOf(tx);
    // A pooler of one session has none left for this query, which would wait forever.
    const third = beside === first
      ? beside
      : await session.exclusively(processOf);
    if (beside === first || second !== first || third !== first) {
      throw poolerError(driver.location, [first, second, beside, third]);
    }
  } finally {
    await tx.rollback();
  }
}

/** @throws {LockError} if a pooler refuses transactions */
async function beginTransaction(driver: SqlDriver): Promise<SqlTransaction> {
  try {
    return await driver.begin({});
  } catch (error) {
    if (!isStatementPooling(serverErrorOf(error)?.message ?? "")) throw error;
    throw pooledError(
      driver.location,
      "statement",
      "it refuses transactions",
      { cause: error },
    );
  }
}

/** Returns the error for a pooler that lends its sessions by transaction. */
export function poolerError(
  place: string,
  processes: readonly string[],
): LockError {
  const different = [...new Set(processes)];
  return pooledError(
    place,
    "transaction",
    different.length === 1
      ? `server process ${different[0]} served two sessions at once`
      : `statements of one session reached the server processes ${
        different.join(" and ")
      }`,
  );
}

function pooledError(
  place: string,
  unit: string,
  seen: string,
  fields: { cause?: unknown } = {},
): LockError {
  return new LockError(
    `Cannot migrate ${place}: the connection uses a pooler that shares sessions by ${unit} (${seen}), which cannot hold the migration lock. Connect to the server directly, or to the pooler in session mode`,
    fields,
  );
}

async function processOf(link: SqlLink): Promise<string> {
  const [pid] = await row(link, "select pg_backend_pid()");
  return pid ?? "";
}
