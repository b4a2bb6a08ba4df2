import type { DbConfig } from "@alerce/db-plugins";

/**
 * A MongoDB server: one on this machine, or where the environment says. The
 * server must be a replica set, be it of one, for there to be transactions.
 */
export const DB_CONFIG: DbConfig = {
  MONGO: {
    ...place(Deno.env.get("MONGO_URL")),
    USERNAME: Deno.env.get("MONGO_USERNAME"),
    PASSWORD: Deno.env.get("MONGO_PASSWORD"),
    DATABASE: Deno.env.get("MONGO_DATABASE") ?? "alerce",
    AUTH_SOURCE: Deno.env.get("MONGO_AUTH_SOURCE"),
  },
};

function place(url: string | undefined): object {
  return url ? { URL: url } : {
    HOST: Deno.env.get("MONGO_HOST") ?? "localhost",
    PORT: Deno.env.get("MONGO_PORT") ?? 27017,
  };
}
