import type { DbConfig } from "@alerce/db-plugins";
import { MULTISURVEY_MODELS } from "@alerce/db-plugins/models/multisurvey";
import { ARCHIVE_MODELS } from "@alerce/db-plugins/models/multisurvey/archive";

/** The server of both databases, on this machine by default. */
const SERVER = {
  ENGINE: "postgresql",
  HOST: Deno.env.get("POSTGRES_HOST") ?? "localhost",
  PORT: Deno.env.get("POSTGRES_PORT") ?? 5432,
  USER: Deno.env.get("POSTGRES_USER") ?? "postgres",
  PASSWORD: Deno.env.get("POSTGRES_PASSWORD"),
} as const;

/** The database of the pipeline, and the archive of its probabilities. Each has its own models. */
export const DB_CONFIG: DbConfig = {
  SQL: {
    ...SERVER,
    DB_NAME: Deno.env.get("PIPELINE_DB") ?? "multisurvey",
    MODELS: MULTISURVEY_MODELS,
  },
  ARCHIVE: {
    ...SERVER,
    DB_NAME: Deno.env.get("ARCHIVE_DB") ?? "multisurvey_archive",
    MODELS: ARCHIVE_MODELS,
  },
};
