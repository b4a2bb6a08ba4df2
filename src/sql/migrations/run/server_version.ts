import type { MigrationServer } from "../../../engine/migrations/mod.ts";
import type { SqlLink } from "../../link/link.ts";

/** Returns the product and the version of the server. */
export async function currentServer(link: SqlLink): Promise<MigrationServer> {
  let version = "";
  await link.query(
    { text: "select current_setting('server_version')", values: [] },
    ([text]) => version = String(text),
  );
  return { product: "pg", name: "PostgreSQL", version };
}
