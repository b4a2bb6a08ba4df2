import type { MongoClientOptions } from "mongodb";
import { MongoClient } from "../link/mongodb.ts";
import { ConfigError } from "../../base/errors/mod.ts";
import { permissionError } from "../../base/permission_text.ts";
import type { MongoConfig } from "./config.ts";
import {
  fileProblems,
  optionProblems,
  refusedOptions,
} from "./option_problems.ts";

/** How documents are read, also by a ready-made client: integers exactly, and text without UTF-8 validation, which takes longer than all else. */
export const READ_OPTIONS = {
  useBigInt64: true,
  enableUtf8Validation: false,
  promoteLongs: true,
  promoteValues: true,
  promoteBuffers: false,
  bsonRegExp: false,
  raw: false,
  ignoreUndefined: false,
} as const;

/** Milliseconds between two questions to a server, and for their answers. A server that does not answer is given up within 30 s, also by a command that the driver repeats. */
const HEARTBEAT = 2_000;
const HELLO_LIMIT = 5_000;

/**
 * Creates a client, and checks its options and files.
 *
 * @throws {ConfigError} with every wrong setting
 */
export async function newClient(
  config: MongoConfig,
  source: string,
): Promise<MongoClient> {
  const options: MongoClientOptions = {
    ...READ_OPTIONS,
    connectTimeoutMS: Math.min(config.connectTimeout, HELLO_LIMIT),
    serverSelectionTimeoutMS: config.connectTimeout,
    heartbeatFrequencyMS: HEARTBEAT,
    ...config.options,
    ...(config.user === undefined ? {} : {
      auth: { username: config.user, password: config.password ?? "" },
    }),
  };
  let client: MongoClient;
  try {
    client = new MongoClient(config.url, options);
  } catch (error) {
    throw permissionError(`MongoDB at ${config.hosts}`, error) ??
      new ConfigError(source, optionProblems(config, error));
  }
  const refused = refusedOptions(config, client.options);
  if (refused.length > 0) throw new ConfigError(source, refused);
  const problems = await fileProblems(config, client.options);
  if (problems.length > 0) throw new ConfigError(source, problems);
  return client;
}
