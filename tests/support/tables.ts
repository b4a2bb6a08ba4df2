import { type AnyModel, type Connection, stringify } from "@alerce/db-plugins";
import { createHash } from "node:crypto";

/** Returns the number of rows of each table that is not empty, and a hash of its sorted rows. */
export async function hashes(
  db: Connection,
  models: readonly AnyModel[],
): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const model of models) {
    const rows = await db.query(model).findAll();
    if (rows.length === 0) continue;
    const texts = rows.map((row) => stringify(row)).sort();
    const hash = createHash("sha256").update(texts.join("\n")).digest("hex");
    found[model.table] = `${rows.length} rows ${hash}`;
  }
  return found;
}
