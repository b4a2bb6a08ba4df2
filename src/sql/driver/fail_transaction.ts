import type { SqlLink } from "../link/link.ts";

/** Fails a transaction, which from then on accepts only a rollback, of all or to a savepoint of the caller: a rollback to a missing savepoint is an error like any other. */
export async function failTransaction(link: SqlLink): Promise<void> {
  const text = 'rollback to savepoint "before the bulk write that failed"';
  await link.query({ text, values: [] }).catch(() => {});
}
