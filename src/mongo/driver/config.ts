import { z } from "zod";
import { ConfigError, type ConfigProblem } from "../../base/errors/mod.ts";
import {
  type EntryFormat,
  readEntry,
  validValues,
  wholeNumber,
} from "../../base/settings_entry.ts";
import { hostsProblem, placeOf } from "./hosts.ts";
import { CLIENT_KEYS, optionOf } from "./client_options.ts";
import { readUrl } from "./url.ts";

/** Settings of a MongoDB connection, checked. Times are milliseconds. */
export interface MongoConfig {
  /** Where, without credentials: what the driver connects to. */
  readonly url: string;
  /** What errors call it: host and port. */
  readonly place: string;
  /** Who, where the server asks. */
  readonly user: string | undefined;
  /** And how they prove it. */
  readonly password: string | undefined;
  /** The database; the ready-made client's own where undefined. */
  readonly database: string | undefined;
  /** How long connecting may take; 10,000. */
  readonly connectTimeout: number;
  /** Further options of the driver's client, by its own names. */
  readonly options: Readonly<Record<string, unknown>>;
}

const DEFAULT_CONNECT_TIMEOUT = 10_000;

const name = z.string().min(1);

/** The keys that are not options of the client's. */
const KEYS = {
  ENGINE: z.literal("mongodb"),
  HOST: name,
  PORT: wholeNumber(1, 65_535),
  USERNAME: name,
  PASSWORD: z.string(),
  DATABASE: name.regex(/^[^/\\. "$*<>:|?\0]+$/, "is no name of a database"),
  URL: name,
  MODELS: z.array(z.unknown()),
  CONNECT_TIMEOUT: wholeNumber(1, 3_600_000),
} as const;

const Settings = z.object(KEYS).partial();
const FORM: EntryFormat = {
  entry: "MONGO",
  example: '{ HOST: "localhost", DATABASE: … }',
  keys: Object.keys(KEYS),
  optionKeys: CLIENT_KEYS,
  optionOf,
};

/**
 * Checks an entry of `DB_CONFIG`. Keys match whatever their case; every key
 * that names an option of the driver's client becomes it.
 *
 * @param source what errors call the settings
 * @param ready whether there is a ready-made client, which stands in for the place
 * @throws {ConfigError} naming every wrong key at once, and no value
 */
export function mongoConfig(
  settings: unknown,
  source: string,
  ready = false,
): MongoConfig {
  const problems: ConfigProblem[] = [];
  const { given, options } = readEntry(settings, source, FORM, problems);
  const values = validValues(Settings, given, problems);
  const fromUrl = values.URL === undefined
    ? undefined
    : readUrl(values.URL, "URL", problems);
  const wrongHosts = values.HOST === undefined
    ? undefined
    : hostsProblem(values.HOST);
  if (wrongHosts !== undefined) {
    problems.push({ key: "HOST", problem: wrongHosts });
  }
  for (const key of ["HOST", "PORT"] as const) {
    if (values.URL !== undefined && values[key] !== undefined) {
      problems.push({
        key,
        problem:
          "is given beside URL, which says it too: leave one of them out",
      });
    }
  }
  const need = (key: keyof typeof KEYS, value: unknown): void => {
    if (value === undefined && given[key] === undefined && !ready) {
      problems.push({ key, problem: "is missing" });
    }
  };
  const database = values.DATABASE ?? fromUrl?.database;
  if (values.URL === undefined || fromUrl !== undefined) {
    need("HOST", values.HOST ?? fromUrl?.url);
    need("DATABASE", database);
  }
  const user = values.USERNAME ?? fromUrl?.user;
  const password = values.PASSWORD ?? fromUrl?.password;
  if (user === undefined && password !== undefined) need("USERNAME", user);
  if (
    user !== undefined && password === undefined &&
    options.authMechanism === undefined && fromUrl?.mechanism === undefined
  ) need("PASSWORD", password);
  if (problems.length > 0) throw new ConfigError(source, problems);
  const place = placeOf(values.HOST ?? "localhost", values.PORT);
  return {
    url: fromUrl?.url ?? `mongodb://${place}/`,
    place: fromUrl?.place ?? decodeURIComponent(place),
    user,
    password,
    database,
    connectTimeout: values.CONNECT_TIMEOUT ?? DEFAULT_CONNECT_TIMEOUT,
    options,
  };
}
