import { LockError } from "../../../base/errors/mod.ts";
import type {
  SqlDriver,
  SqlLink,
  SqlSession,
  SqlTransaction,
} from "../../link/link.ts";
import { lendsByStatement } from "../../driver/pooler_error.ts";
import { serverErrorOf } from "../../link/server_error.ts";

/**
 * Makes sure that statements of a session all come to the same process of the
 * server. Where a pooler stands in between, a transaction is begun beside, which
 * takes the session's process away from it if both are lent by transaction.
 *
 * @throws {LockError} where they do not
 */
export async function refusePooler(
  driver: SqlDriver,
  session: SqlSession,
): Promise<void> {
  const first = await session.together(processOf);
  if (session.pid === undefined || String(session.pid) === first) return;
  // Lent in turns, the next statement comes to another; else only a process that is taken away shows it.
  const second = await session.together(processOf);
  const tx = await begun(driver);
  try {
    const beside = await processOf(tx);
    // A pooler of one has none left for the session, which would wait without end.
    const third = beside === first ? beside : await session.together(processOf);
    if (beside === first || second !== first || third !== first) {
      throw pooler(driver.place, [first, second, beside, third]);
    }
  } finally {
    await tx.rollback();
  }
}

/** @throws {LockError} where a pooler takes no transaction */
async function begun(driver: SqlDriver): Promise<SqlTransaction> {
  try {
    return await driver.begin({});
  } catch (error) {
    if (!lendsByStatement(serverErrorOf(error)?.message ?? "")) throw error;
    throw refused(
      driver.place,
      "statement",
      "it takes no transaction",
      { cause: error },
    );
  }
}

/** What is said of a pooler that lends its sessions by transaction. */
export function pooler(place: string, processes: readonly string[]): LockError {
  const different = [...new Set(processes)];
  return refused(
    place,
    "transaction",
    different.length === 1
      ? `the server's process ${different[0]} served two sessions at once`
      : `statements of one session came to the server's processes ${
        different.join(" and ")
      }`,
  );
}

function refused(
  place: string,
  unit: string,
  seen: string,
  fields: { cause?: unknown } = {},
): LockError {
  return new LockError(
    `Cannot migrate ${place}: a pooler that shares sessions by ${unit} is in between (${seen}), so that the lock of migrations would not hold. Connect to the server itself, or to the pooler in session mode`,
    fields,
  );
}

async function processOf(link: SqlLink): Promise<string> {
  let pid = "";
  await link.query(
    { text: "select pg_backend_pid()", values: [] },
    ([process]) => pid = String(process),
  );
  return pid;
}
