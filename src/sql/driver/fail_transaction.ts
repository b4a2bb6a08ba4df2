import type { SqlLink } from "../link/link.ts";

/** Makes the server accept only a rollback, to this or a savepoint of the caller: the error of a missing savepoint ends a transaction like any other. */
export async function failTransaction(link: SqlLink): Promise<void> {
  const text = 'rollback to savepoint "before the bulk write that failed"';
  await link.query({ text, values: [] }).catch(() => {});
}
