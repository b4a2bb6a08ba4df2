import type { SqlLink } from "../../link/link.ts";
import { row } from "../../link/run.ts";
import type { Name } from "../file/reader.ts";
import { quotedPath } from "../../codec/quote.ts";

/** Returns whether a table is attached to its parent as a partition; `pending` if a concurrent detach was interrupted. */
export async function attachment(
  link: SqlLink,
  table: Name,
  partition: Name,
): Promise<"attached" | "pending" | "none"> {
  const [pending] = await row(
    link,
    "select inhdetachpending from pg_inherits where inhparent = to_regclass($1) and inhrelid = to_regclass($2)",
    [quotedPath(table), quotedPath(partition)],
  );
  if (pending === undefined) return "none";
  return pending === "t" ? "pending" : "attached";
}
