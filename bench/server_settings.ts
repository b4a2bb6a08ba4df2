import { POSTGRES_USER } from "../tests/support/servers.ts";
import type { ServerSettings } from "./settings.ts";

/** Returns the settings of a PostgreSQL server that the benchmark started. */
export function serverSettings(
  { port, password }: { readonly port: number; readonly password: string },
): ServerSettings & { readonly ENGINE: string } {
  return {
    ENGINE: "postgresql",
    HOST: "127.0.0.1",
    PORT: port,
    USER: POSTGRES_USER,
    PASSWORD: password,
    DB_NAME: "postgres",
  };
}
