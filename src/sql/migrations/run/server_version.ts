import type { MigrationServer } from "../../../engine/migrations/mod.ts";
import type { SqlLink } from "../../link/link.ts";

/** What the server is, as it tells it. */
export async function serverNow(link: SqlLink): Promise<MigrationServer> {
  let version = "";
  await link.query(
    { text: "select current_setting('server_version')", values: [] },
    ([text]) => version = String(text),
  );
  return { product: "pg", name: "PostgreSQL", version };
}
