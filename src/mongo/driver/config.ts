import { ConfigError, type ConfigProblem } from "../../base/errors/mod.ts";
import {
  anyText,
  array,
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
import { hostProblem } from "../../base/url_secrets.ts";
import { hostsInUrl, hostsProblem } from "./hosts.ts";
import { CLIENT_KEYS, optionOf } from "./client_options.ts";
import { parseUrl } from "./parse_url.ts";

/** The checked settings of a MongoDB connection. Times are in milliseconds. */
export interface MongoConfig {
  /** The URL to connect to, without credentials. */
  readonly url: string;
  /** The hosts with ports, for messages. */
  readonly hosts: string;
  /** The user, if the server requires one. */
  readonly user: string | undefined;
  /** The password. */
  readonly password: string | undefined;
  /** The database; by default that of the ready-made client. */
  readonly database: string | undefined;
  /** The longest time to connect (default: 10,000). */
  readonly connectTimeout: number;
  /** The longest wait for the answer to a command; undefined for no limit. */
  readonly callTimeout: number | undefined;
  /** Further options of the driver's client, by the driver's names. */
  readonly options: Readonly<Record<string, unknown>>;
}

const DEFAULT_CONNECT_TIMEOUT = 10_000;

const databaseName = text((value) =>
  /^[^/\\. "$*<>:|?\0]+$/.test(value)
    ? undefined
    : "is invalid: is not a valid database name"
);

/** The keys besides the options of the driver's client. */
const KEYS = {
  ENGINE: oneOf("mongodb"),
  HOST: text(),
  PORT: wholeNumber(1, 65_535),
  USERNAME: text(),
  PASSWORD: anyText,
  DATABASE: databaseName,
  URL: text(),
  MODELS: array,
  CONNECT_TIMEOUT: wholeNumber(1, 3_600_000),
  CALL_TIMEOUT: wholeNumber(0, 2 ** 31 - 1),
} as const;

const FORM: EntryFormat = {
  entry: "MONGO",
  example: '{ HOST: "localhost", DATABASE: … }',
  keys: Object.keys(KEYS),
  optionKeys: CLIENT_KEYS,
  otherKeys: { REPLICAS: "READ_PREFERENCE", MAX_LAG: "MAX_STALENESS_SECONDS" },
  optionOf,
};

/**
 * Checks an entry of `DB_CONFIG`. Keys match in any case; a key that names an
 * option of the driver's client sets that option.
 *
 * @param source the name of the settings in errors
 * @param hasClient whether a ready-made client replaces the address
 * @throws {ConfigError} with every wrong key, without values
 */
export function mongoConfig(
  settings: unknown,
  source: string,
  hasClient = false,
): MongoConfig {
  const problems: ConfigProblem[] = [];
  const entry = readEntry(settings, source, FORM, problems);
  const { given, options } = entry;
  const values = validValues(KEYS, given, problems);
  const fromUrl = values.URL === undefined
    ? undefined
    : parseUrl(values.URL, "URL", problems);
  const wrongHost = values.HOST === undefined
    ? undefined
    : hostsProblem(values.HOST);
  if (wrongHost !== undefined) {
    problems.push({ key: "HOST", problem: wrongHost });
  }
  const proxyProblem = typeof options.proxyHost === "string"
    ? hostProblem(options.proxyHost)
    : undefined;
  if (proxyProblem !== undefined) {
    problems.push({ key: "PROXY_HOST", problem: proxyProblem });
  }
  for (const key of ["HOST", "PORT"] as const) {
    if (values.URL !== undefined && values[key] !== undefined) {
      problems.push({
        key,
        problem: "conflicts with URL, which sets it too: remove one of them",
      });
    }
  }
  const requireKey = (key: keyof typeof KEYS, value: unknown): void => {
    if (value === undefined && given[key] === undefined && !hasClient) {
      problems.push({ key, problem: missingText(key, entry) });
    }
  };
  const database = values.DATABASE ?? fromUrl?.database;
  if (entry.unset.has("URL") && values.HOST === undefined && !hasClient) {
    problems.push({
      key: "URL",
      problem: `${missingText("URL", entry)} Or set HOST and DATABASE`,
    });
  } else if (values.URL === undefined || fromUrl !== undefined) {
    requireKey("HOST", values.HOST ?? fromUrl?.url);
    requireKey("DATABASE", database);
  }
  const user = values.USERNAME ?? fromUrl?.user;
  const password = values.PASSWORD ?? fromUrl?.password;
  if (user === undefined && password !== undefined) {
    requireKey("USERNAME", user);
  }
  if (
    user !== undefined && password === undefined &&
    options.authMechanism === undefined && fromUrl?.mechanism === undefined
  ) requireKey("PASSWORD", password);
  if (problems.length > 0) throw new ConfigError(source, problems);
  const hosts = hostsInUrl(values.HOST ?? "localhost", values.PORT);
  return {
    url: fromUrl?.url ?? `mongodb://${hosts}/`,
    hosts: fromUrl?.hosts ?? decodeURIComponent(hosts),
    user,
    password,
    database,
    connectTimeout: values.CONNECT_TIMEOUT ?? DEFAULT_CONNECT_TIMEOUT,
    callTimeout: values.CALL_TIMEOUT === 0 ? undefined : values.CALL_TIMEOUT,
    options,
  };
}
