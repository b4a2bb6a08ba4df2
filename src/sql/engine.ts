import type { Backend, Engine, OpenOptions } from "../engine/engine.ts";
import type { SqlBackend } from "./backend.ts";
import { loadModule } from "../base/load_module.ts";

/** Opens an SQL connection. Loads the compiler and the driver on first use. */
export async function openSqlBackend(
  settings: unknown,
  options: OpenOptions,
): Promise<SqlBackend> {
  const { openSql } = await loadModule(() => import("./open.ts"));
  return await openSql(settings, options);
}

/** The engine for PostgreSQL servers. */
export const postgresql: Engine = {
  name: "postgresql",
  open: (settings, options): Promise<Backend> =>
    openSqlBackend(settings, options),
  async createDatabase(settings, source) {
    const [{ createServerDatabase }, { sqlConfig }] = await Promise.all([
      loadModule(() => import("./driver/server_database.ts")),
      loadModule(() => import("./driver/config.ts")),
    ]);
    return await createServerDatabase(sqlConfig(settings, source));
  },
};

/** The engine for PGlite, an embedded PostgreSQL; `DB_NAME` is a folder or `memory://`. */
export const pglite: Engine = {
  name: "pglite",
  open: (settings, options): Promise<Backend> =>
    openSqlBackend(settings, options),
};
