import type { Command, RawRow, SqlLink, SqlTransaction } from "./link.ts";

/** Sends a statement that has no values. */
export async function run(link: SqlLink, text: string): Promise<void> {
  await link.query({ text, values: [] });
}

/** Returns the rows of a result. */
export async function rows(
  link: SqlLink,
  text: string,
  values: Command["values"] = [],
  flags: Pick<Command, "isRead" | "isCatalogRead"> = {},
): Promise<readonly RawRow[]> {
  const found: RawRow[] = [];
  await link.query({ text, values, ...flags }, (row) => void found.push(row));
  return found;
}

/** Returns the last row of a result; empty if it has none. */
export async function row(...query: Parameters<typeof rows>): Promise<RawRow> {
  return (await rows(...query)).at(-1) ?? [];
}

/** Runs `work` in a savepoint: if it fails, its changes are rolled back. */
export async function inSavepoint(
  tx: SqlTransaction,
  work: () => Promise<void>,
): Promise<void> {
  const name = `dbp_savepoint_${++savepoints}`;
  await run(tx, `SAVEPOINT ${name}`);
  try {
    await work();
  } catch (error) {
    await run(tx, `ROLLBACK TO SAVEPOINT ${name}`);
    throw error;
  }
  await run(tx, `RELEASE SAVEPOINT ${name}`);
}

/** Savepoints set so far, for unique names. */
let savepoints = 0;

/** Runs `work`, rolls its changes back, and returns its result. */
export async function aside<T>(
  tx: SqlTransaction,
  work: () => Promise<T>,
): Promise<T> {
  const name = `dbp_aside_${++savepoints}`;
  await run(tx, `SAVEPOINT ${name}`);
  try {
    return await work();
  } finally {
    await run(tx, `ROLLBACK TO SAVEPOINT ${name}`);
  }
}
