import { z } from "zod";
import { ConfigError, type ConfigProblem } from "../../base/errors/mod.ts";
import {
  type EntryFormat,
  readEntry,
  validValues,
  wholeNumber,
} from "../../base/settings_entry.ts";
import { type Place, readUrl } from "./url.ts";

/** Settings of a SQL connection, checked. Times are milliseconds. */
export interface SqlConfig {
  /** Which driver. */
  readonly engine: "postgresql" | "pglite";
  /** The server's name or address, or the folder of its socket. */
  readonly host: string;
  /** The server's port; 5432. */
  readonly port: number;
  /** Who. */
  readonly user: string | undefined;
  /** And how they prove it. */
  readonly password: string | undefined;
  /** The database; with PGlite its folder, or `memory://`. */
  readonly database: string;
  /** The schema of the tables; the first of the server's `search_path` where undefined. */
  readonly schema: string | undefined;
  /** TLS: off, on with a checked certificate, or the options of Node's `tls.connect`. */
  readonly ssl: boolean | Readonly<Record<string, unknown>>;
  /** How many connections at most; 10. */
  readonly poolSize: number;
  /** Whether statements are prepared by name; not behind a pooler that shares connections by transaction. */
  readonly prepare: boolean;
  /** How long connecting may take; 10,000. */
  readonly connectTimeout: number;
  /** How long a statement may take; the server's own limit where undefined. */
  readonly statementTimeout: number | undefined;
}

const DEFAULT_PORT = 5432;
const DEFAULT_POOL = 10;
const DEFAULT_CONNECT_TIMEOUT = 10_000;

const name = z.string().min(1);
/** A name of a place; a URL in its stead may hold a password, which errors would repeat. */
const place = name.refine(
  (text) => !/:\/\/.*@/.test(text),
  "it is a URL; URL is the key for one",
);
const url = z.string().min(1);

/** Every key that may stand in a SQL entry of `DB_CONFIG`. */
const KEYS = {
  ENGINE: z.enum(["postgresql", "pglite"]),
  HOST: place,
  PORT: wholeNumber(1, 65_535),
  USER: name,
  PASSWORD: z.string(),
  DB_NAME: place,
  URL: url,
  SQLALCHEMY_DATABASE_URL: url,
  SCHEMA: name,
  SSL: z.union([z.boolean(), z.record(z.string(), z.unknown())]),
  POOL_SIZE: wholeNumber(1, 10_000),
  PREPARE: z.boolean(),
  CONNECT_TIMEOUT: wholeNumber(1, 3_600_000),
  STATEMENT_TIMEOUT: wholeNumber(0, 2_147_483_647),
  MODELS: z.array(z.unknown()),
} as const;

const Settings = z.object(KEYS).partial();
const FORM: EntryFormat = {
  entry: "SQL",
  example: '{ ENGINE: "postgresql", HOST: … }',
  keys: Object.keys(KEYS),
};

/**
 * Checks an entry of `DB_CONFIG`. Keys match whatever their case.
 *
 * @param source what errors call the settings
 * @param ready the engine of a ready-made client, which stands in for the place
 * @throws {ConfigError} naming every wrong key at once, and no value
 */
export function sqlConfig(
  settings: unknown,
  source: string,
  ready?: SqlConfig["engine"],
): SqlConfig {
  const problems: ConfigProblem[] = [];
  const { given } = readEntry(settings, source, FORM, problems);
  const values = validValues(Settings, given, problems);
  const text = values.URL ?? values.SQLALCHEMY_DATABASE_URL;
  const fromUrl = text === undefined ? {} : readUrl(
    text,
    values.URL === undefined ? "SQLALCHEMY_DATABASE_URL" : "URL",
    problems,
  );
  const engine = values.ENGINE ?? fromUrl.engine ??
    ready;
  const place = { ...fromUrl, ...placeOf(values) };
  const need = (key: keyof typeof KEYS, value: unknown): void => {
    if (
      value === undefined && ready === undefined && given[key] === undefined
    ) problems.push({ key, problem: "is missing" });
  };
  // With a URL that cannot be read, what it would have said is not missing.
  if (text === undefined || problems.length === 0) {
    need("ENGINE", engine);
    if (engine !== "pglite") {
      need("HOST", place.host);
      need("USER", place.user);
    }
    need("DB_NAME", place.database);
  }
  if (problems.length > 0) throw new ConfigError(source, problems);
  return {
    engine: engine ?? "postgresql",
    host: place.host ?? "",
    port: place.port ?? DEFAULT_PORT,
    user: place.user,
    password: place.password,
    database: place.database ?? "",
    schema: values.SCHEMA,
    ssl: values.SSL ?? fromUrl.ssl ?? false,
    poolSize: values.POOL_SIZE ?? DEFAULT_POOL,
    prepare: values.PREPARE ?? true,
    connectTimeout: values.CONNECT_TIMEOUT ?? DEFAULT_CONNECT_TIMEOUT,
    statementTimeout: values.STATEMENT_TIMEOUT,
  };
}

function placeOf(values: z.infer<typeof Settings>): Place {
  const place: Place = {};
  if (values.HOST !== undefined) place.host = values.HOST;
  if (values.PORT !== undefined) place.port = values.PORT;
  if (values.USER !== undefined) place.user = values.USER;
  if (values.PASSWORD !== undefined) place.password = values.PASSWORD;
  if (values.DB_NAME !== undefined) place.database = values.DB_NAME;
  return place;
}
