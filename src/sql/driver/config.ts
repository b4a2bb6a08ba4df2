import { ConfigError, type ConfigProblem } from "../../base/errors/mod.ts";
import {
  array,
  boolean,
  oneOf,
  text,
  validValues,
  wholeNumber,
} from "../../base/setting_types.ts";
import {
  type EntryFormat,
  missingText,
  readEntry,
} from "../../base/settings_entry.ts";
import { readUrl } from "./read_url.ts";
import {
  type Login,
  readReplicas,
  type Replica,
  replicaKeyProblems,
} from "./replica_settings.ts";
import { SERVER_KEYS, serverSettings } from "./server_settings.ts";
import { type ServerAddress, withPorts } from "./server_address.ts";

/** The checked settings of an SQL connection. Times are in milliseconds. */
export interface SqlConfig extends Login {
  /** The driver. */
  readonly engine: "postgresql" | "pglite";
  /** The servers, in the order in which they are tried. */
  readonly servers: readonly ServerAddress[];
  /** The schema of the tables (default: the first one of `search_path`). */
  readonly schema: string | undefined;
  /** Whether to prepare statements by name (default: true); must be false behind a pooler in transaction mode. */
  readonly prepare: boolean;
  /** The time limit of connecting (default: 10,000). */
  readonly connectTimeout: number;
  /** The time limit of a statement (default: that of the server). */
  readonly statementTimeout: number | undefined;
  /** The time limit of the wait for an answer; 0 if there is none (default: that of a statement and 5,000, if it has one). */
  readonly callTimeout: number;
  /** Servers that only read. */
  readonly replicas: readonly Replica[];
  /** How far a replica may be behind its primary to be used (default: any time). */
  readonly maxLag: number | undefined;
}

const DEFAULT_POOL = 10;
const DEFAULT_CONNECT_TIMEOUT = 10_000;
/** The milliseconds after the time limit of a statement in which its error arrives. */
const CALL_MARGIN = 5_000;

/** The keys of an SQL entry of `DB_CONFIG`. */
const KEYS = {
  ENGINE: oneOf("postgresql", "pglite"),
  HOST: SERVER_KEYS.HOST,
  PORT: SERVER_KEYS.PORT,
  USER: SERVER_KEYS.USER,
  PASSWORD: SERVER_KEYS.PASSWORD,
  DB_NAME: SERVER_KEYS.DB_NAME,
  URL: text(),
  SQLALCHEMY_DATABASE_URL: text(),
  SCHEMA: text(),
  SSL: SERVER_KEYS.SSL,
  POOL_SIZE: wholeNumber(1, 10_000),
  PREPARE: boolean,
  CONNECT_TIMEOUT: wholeNumber(1, 3_600_000),
  STATEMENT_TIMEOUT: wholeNumber(0, 2_147_483_647),
  CALL_TIMEOUT: wholeNumber(0, 2_147_483_647),
  REPLICAS: array,
  MAX_LAG: wholeNumber(1, 2_147_483_647),
  MODELS: array,
} as const;

const URL_KEYS = ["URL", "SQLALCHEMY_DATABASE_URL"] as const;
const FORMAT: EntryFormat = {
  entry: "SQL",
  example: '{ ENGINE: "postgresql", HOST: … }',
  keys: Object.keys(KEYS),
  otherKeys: {
    READ_PREFERENCE: "REPLICAS",
    MAX_STALENESS_SECONDS: "MAX_LAG",
    MAX_STALENESS: "MAX_LAG",
  },
};

/**
 * Checks an entry of `DB_CONFIG`. The case of keys does not matter.
 *
 * @param source the beginning of messages: `Invalid settings`
 * @param clientEngine the engine of a client that the caller provides; then host,
 * user and database are not required
 * @param hasReplicas whether the caller also provides clients of replicas
 * @throws {ConfigError} with every wrong key, and no value
 */
export function sqlConfig(
  settings: unknown,
  source: string,
  clientEngine?: SqlConfig["engine"],
  hasReplicas = false,
): SqlConfig {
  const problems: ConfigProblem[] = [];
  const entry = readEntry(settings, source, FORMAT, problems);
  const { given } = entry;
  const values = validValues(KEYS, given, problems);
  const urlText = values.URL ?? values.SQLALCHEMY_DATABASE_URL;
  const fromUrl = urlText === undefined ? {} : readUrl(
    urlText,
    values.URL === undefined ? "SQLALCHEMY_DATABASE_URL" : "URL",
    problems,
  );
  const engine = values.ENGINE ?? fromUrl.engine ?? clientEngine;
  const server = { ...fromUrl, ...serverSettings(values, fromUrl.servers) };
  const require = (key: keyof typeof KEYS, value: unknown): void => {
    if (
      value === undefined && clientEngine === undefined &&
      given[key] === undefined
    ) problems.push({ key, problem: missingText(key, entry) });
  };
  const unsetUrl = URL_KEYS.find((key) => entry.unset.has(key));
  // An invalid URL does not make the settings that it should contain missing.
  if (
    unsetUrl !== undefined && urlText === undefined && engine !== "pglite" &&
    server.servers === undefined && clientEngine === undefined
  ) {
    problems.push({
      key: unsetUrl,
      problem: `${
        missingText(unsetUrl, entry)
      } Or set ENGINE, HOST, USER and DB_NAME`,
    });
  } else if (urlText === undefined || problems.length === 0) {
    require("ENGINE", engine);
    if (engine !== "pglite") {
      require("HOST", server.servers);
      require("USER", server.user);
    }
    require("DB_NAME", server.database);
  }
  const primary: Login = {
    user: server.user,
    password: server.password,
    database: server.database ?? "",
    tls: values.SSL === undefined ? fromUrl.tls ?? [false] : [values.SSL],
    parameters: fromUrl.parameters ?? {},
    poolSize: values.POOL_SIZE ?? DEFAULT_POOL,
  };
  problems.push(...replicaKeyProblems(
    entry,
    clientEngine === undefined ? engine : "client",
    hasReplicas,
  ));
  const replicas = readReplicas(values.REPLICAS ?? [], primary, problems);
  if (problems.length > 0) throw new ConfigError(source, problems);
  return {
    ...primary,
    engine: engine ?? "postgresql",
    servers: withPorts(server.servers ?? [{ host: "", port: undefined }]),
    schema: values.SCHEMA,
    replicas,
    maxLag: values.MAX_LAG,
    prepare: values.PREPARE ?? true,
    connectTimeout: values.CONNECT_TIMEOUT ??
      fromUrl.parameters?.connectTimeout ?? DEFAULT_CONNECT_TIMEOUT,
    statementTimeout: values.STATEMENT_TIMEOUT,
    callTimeout: values.CALL_TIMEOUT ??
      (values.STATEMENT_TIMEOUT ? values.STATEMENT_TIMEOUT + CALL_MARGIN : 0),
  };
}
