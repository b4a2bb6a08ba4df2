import type { Db } from "mongodb";
import type { MigrationServer } from "../../../engine/migrations/mod.ts";
import { entry } from "../file/json.ts";

/** The server's version, as `6.0.5`. */
export async function versionOf(db: Db): Promise<string> {
  const { version } = await db.command({ buildInfo: 1 });
  return String(version);
}

/** What files call a server of this version. */
export function serverOf(version: string): MigrationServer {
  return { product: "mongodb", name: "MongoDB", version };
}

/** Who is logged in; `nobody` on a server that does not ask. */
export async function userOf(db: Db): Promise<string> {
  const { authInfo } = await db.command({ connectionStatus: 1 });
  const users = entry(authInfo, "authenticatedUsers");
  const [first]: unknown[] = Array.isArray(users) ? users : [];
  return String(entry(first, "user") ?? "nobody");
}
