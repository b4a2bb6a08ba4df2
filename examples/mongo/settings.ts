import type { DbConfig } from "@alerce/db-plugins";

/**
 * A MongoDB server, on this machine by default. Transactions require a replica
 * set, which may have a single member.
 */
export const DB_CONFIG: DbConfig = {
  MONGO: {
    ...address(Deno.env.get("MONGO_URL")),
    USERNAME: Deno.env.get("MONGO_USERNAME"),
    PASSWORD: Deno.env.get("MONGO_PASSWORD"),
    DATABASE: Deno.env.get("MONGO_DATABASE") ?? "alerce",
    AUTH_SOURCE: Deno.env.get("MONGO_AUTH_SOURCE"),
  },
};

function address(url: string | undefined): object {
  return url ? { URL: url } : {
    HOST: Deno.env.get("MONGO_HOST") ?? "localhost",
    PORT: Deno.env.get("MONGO_PORT") ?? 27017,
  };
}
