import { sql } from "../link/kysely.ts";
import type { SqlTransaction } from "../link/link.ts";
import { SMALL_ROWS } from "./layers.ts";
import { send } from "./send.ts";

/** The memory of one sort or join of a large merge, unless the server allows more: with the default of 4 MB, these write to its disk. */
const MEMORY = "32MB";

/** Runs statements that join many rows, with more memory for each join. */
export async function withMemory<T>(
  tx: SqlTransaction,
  rows: number,
  work: () => Promise<T>,
): Promise<T> {
  if (rows <= SMALL_ROWS) return await work();
  let before: string | null | undefined;
  await send(
    tx,
    sql`select current_setting('work_mem'), set_config('work_mem', ${
      sql.lit(MEMORY)
    }, true) where pg_size_bytes(current_setting('work_mem')) < pg_size_bytes(${
      sql.lit(MEMORY)
    })`,
    ([setting]) => void (before = setting),
  );
  // After an error, the rollback restores the setting.
  const result = await work();
  if (typeof before === "string") {
    await send(
      tx,
      sql`select set_config('work_mem', ${sql.lit(before)}, true)`,
    );
  }
  return result;
}
