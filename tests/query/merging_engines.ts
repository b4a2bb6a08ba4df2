import {
  freshSchema,
  mongoSettings,
  postgresSettings,
} from "../support/engines.ts";
import { withoutMongo } from "../support/mongo_server.ts";

/** The engines on which several connections upsert at once. */
export const MERGING_ENGINES: readonly {
  readonly name: string;
  readonly settings: () => object;
  readonly ignore: boolean;
}[] = [
  {
    name: "postgresql",
    settings: () => ({
      ENGINE: "postgresql",
      ...postgresSettings(),
      SCHEMA: freshSchema(),
    }),
    ignore: false,
  },
  {
    name: "mongodb",
    settings: () => ({ ENGINE: "mongodb", ...mongoSettings() }),
    ignore: withoutMongo,
  },
];
