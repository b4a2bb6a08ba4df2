import type { MigrationServer } from "../../../engine/migrations/mod.ts";
import type { SqlLink } from "../../link/link.ts";
import { row } from "../../link/run.ts";

/** Returns the product and the version of the server. */
export async function currentServer(link: SqlLink): Promise<MigrationServer> {
  const [version] = await row(link, "select current_setting('server_version')");
  return { product: "pg", name: "PostgreSQL", version: version ?? "" };
}
