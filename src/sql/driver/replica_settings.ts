import { ConfigError, type ConfigProblem } from "../../base/errors/mod.ts";
import { text, validValues, wholeNumber } from "../../base/setting_types.ts";
import {
  type Entry,
  type EntryFormat,
  missingText,
  readEntry,
} from "../../base/settings_entry.ts";
import type { Tls } from "./url_tls.ts";
import { readUrl } from "./read_url.ts";
import { type ServerAddress, withPorts } from "./server_address.ts";
import { SERVER_KEYS, serverSettings } from "./server_settings.ts";
import type { UrlParameters } from "./url_parameters.ts";

/** The login to a server, and how to connect to it. */
export interface Login {
  /** The user. */
  readonly user: string | undefined;
  /** The password. */
  readonly password: string | undefined;
  /** The database; for PGlite its folder, or `memory://`. */
  readonly database: string;
  /** TLS (default: off); several in the order in which they are tried. */
  readonly tls: readonly Tls[];
  /** Further parameters of the URL. */
  readonly parameters: UrlParameters;
  /** The maximum number of connections (default: 10). */
  readonly poolSize: number;
}

/** A server that only reads. */
export interface Replica extends Login {
  /** Its addresses, in the order in which they are tried. */
  readonly servers: readonly ServerAddress[];
}

const KEYS = {
  ...SERVER_KEYS,
  URL: text(),
  POOL_SIZE: wholeNumber(1, 10_000),
} as const;

const FORMAT: EntryFormat = {
  entry: "SQL",
  example: '{ HOST: "replica", PORT: 5432 }',
  keys: Object.keys(KEYS),
};

const MUST_BE =
  'must be a URL, or an object like { HOST: "replica", PORT: 5432 }';

/**
 * Reads `REPLICAS`: URLs, or objects with the keys of a server. Keys that a
 * replica omits have the values of the primary.
 *
 * @param problems receives the problems of the keys
 */
export function readReplicas(
  given: readonly unknown[],
  primary: Login,
  problems: ConfigProblem[],
): Replica[] {
  return given.flatMap((value, index) => {
    const own: ConfigProblem[] = [];
    const replica = readReplica(value, primary, own);
    problems.push(...own.map(({ key, ...problem }) => ({
      key: `REPLICAS[${index}]${key === "" ? "" : `.${key}`}`,
      ...problem,
    })));
    return own.length === 0 && replica !== undefined ? [replica] : [];
  });
}

/** Returns the problems of `REPLICAS` and `MAX_LAG` on an engine, or with a client of the caller, that has no replicas. */
export function replicaKeyProblems(
  { given, unset }: Entry,
  engine: string | undefined,
  hasReplicas: boolean,
): ConfigProblem[] {
  const hasList = given.REPLICAS !== undefined;
  const keys = ["REPLICAS", "MAX_LAG"].filter((key) =>
    key in given && (key === "REPLICAS" || !hasReplicas)
  );
  if (engine === "pglite") {
    return keys.map((key) => ({
      key,
      problem:
        "has no meaning for PGlite, which is one database in this process: remove it",
    }));
  }
  if (engine === "client") {
    return keys.map((key) => ({
      key,
      problem:
        "cannot be combined with a client of your own: pass the pools of the replicas as the option replicas, or give HOST or URL in place of the client",
    }));
  }
  return "MAX_LAG" in given && !hasList && !unset.has("REPLICAS")
    ? [{
      key: "MAX_LAG",
      problem:
        "has no effect without REPLICAS: name the replicas, or remove it",
      nearest: "REPLICAS",
    }]
    : [];
}

function readReplica(
  given: unknown,
  primary: Login,
  problems: ConfigProblem[],
): Replica | undefined {
  const refuse = (key: string, problem: string): void =>
    void problems.push({ key, problem });
  if (given === undefined) {
    refuse("", "is undefined; is an environment variable not set?");
    return undefined;
  }
  const isUrl = typeof given === "string";
  if (!isUrl && (typeof given !== "object" || given === null)) {
    refuse("", MUST_BE);
    return undefined;
  }
  const entry = entryOf(isUrl ? { URL: given } : given, problems);
  if (entry === undefined) return undefined;
  const values = validValues(KEYS, entry.given, problems);
  const url = values.URL === undefined
    ? {}
    : readUrl(values.URL, isUrl ? "" : "URL", problems);
  const server = { ...url, ...serverSettings(values, url.servers) };
  if (problems.length > 0) return undefined;
  if (server.servers === undefined) {
    refuse(
      isUrl ? "" : "HOST",
      isUrl ? "names no host" : missingText("HOST", entry),
    );
    return undefined;
  }
  const { database = primary.database, user = primary.user } = server;
  if (database !== primary.database) {
    refuse(
      isUrl ? "" : "DB_NAME",
      "is another database than that of the primary: a replica has the same one, so leave it out",
    );
  }
  const { sessionAttributes = "any" } = url.parameters ?? {};
  if (["primary", "read-write"].includes(sessionAttributes)) {
    refuse(
      isUrl ? "" : "URL",
      `has target_session_attrs=${sessionAttributes}, which no replica can be`,
    );
  }
  return {
    servers: withPorts(server.servers),
    user,
    // A replica with another user does not have the password of the primary.
    password: server.password ??
      (user === primary.user ? primary.password : undefined),
    database,
    tls: values.SSL === undefined ? url.tls ?? primary.tls : [values.SSL],
    parameters: {
      ...primary.parameters,
      ...known(url.parameters ?? {}),
      sessionAttributes,
    },
    poolSize: values.POOL_SIZE ?? primary.poolSize,
  };
}

function entryOf(
  given: object,
  problems: ConfigProblem[],
): Entry | undefined {
  try {
    return readEntry(given, "", FORMAT, problems);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    problems.push({ key: "", problem: MUST_BE });
    return undefined;
  }
}

/** The parameters that a URL gives. */
function known(parameters: UrlParameters): UrlParameters {
  return Object.fromEntries(
    Object.entries(parameters).filter(([, value]) => value !== undefined),
  );
}
