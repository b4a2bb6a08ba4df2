import type { Db } from "mongodb";
import type { MigrationServer } from "../../../engine/migrations/mod.ts";
import { entry } from "../../schema/documents.ts";

/** Returns the version of the server: `6.0.5`. */
export async function versionOf(db: Db): Promise<string> {
  const { version } = await db.command({ buildInfo: 1 });
  return String(version);
}

/** Returns the server that files of this engine require. */
export function serverOf(version: string): MigrationServer {
  return { product: "mongodb", name: "MongoDB", version };
}

/** Returns the authenticated user; `nobody` if the server has no access control. */
export async function userOf(db: Db): Promise<string> {
  const { authInfo } = await db.command({ connectionStatus: 1 });
  const users = entry(authInfo, "authenticatedUsers");
  const [first]: unknown[] = Array.isArray(users) ? users : [];
  return String(entry(first, "user") ?? "nobody");
}
