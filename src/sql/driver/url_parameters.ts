/** The state that a server must have: `target_session_attrs` of libpq. */
export type SessionAttributes =
  | "any"
  | "read-write"
  | "read-only"
  | "primary"
  | "standby"
  | "prefer-standby";

/** The parameters of a URL that are no other setting. Times are in milliseconds. */
export interface UrlParameters {
  /** Command-line options of the session, such as `-c search_path=ztf`. */
  readonly options?: string | undefined;
  /** The name that `pg_stat_activity` shows. */
  readonly applicationName?: string | undefined;
  /** The time limit of connecting to each server. */
  readonly connectTimeout?: number | undefined;
  /** The state that a server must have (default: `any`). */
  readonly sessionAttributes?: SessionAttributes | undefined;
  /** Whether the order of the servers is random. */
  readonly isShuffled?: boolean | undefined;
  /** Whether a login is bound to the TLS connection: never, if the server offers it, or always. */
  readonly channelBinding?: "disable" | "prefer" | "require" | undefined;
  /** Whether TLS begins without a question to the server. */
  readonly isTlsDirect?: boolean | undefined;
  /** Whether idle connections are kept alive (default: true). */
  readonly keepAlive?: boolean | undefined;
  /** The idle time before the first keepalive. */
  readonly keepAliveDelay?: number | undefined;
}

/** Parameters of libpq and of other tools that are refused by name, with advice. */
export const REFUSED: Readonly<Record<string, string>> = {
  schema: ": use the setting SCHEMA",
  pgbouncer: ": use the setting PREPARE: false",
  connection_limit: ": use the setting POOL_SIZE",
  pool_timeout: ": use the setting CONNECT_TIMEOUT",
  statement_timeout: ": use the setting STATEMENT_TIMEOUT",
  hostaddr: ": write the address as host",
  ...Object.fromEntries(
    [
      ...["gssdelegation", "gsslib", "krbsrvname", "keepalives_count"],
      ...["keepalives_interval", "max_protocol_version", "passfile"],
      ...["min_protocol_version", "oauth_client_id", "oauth_client_secret"],
      ...["oauth_issuer", "oauth_scope", "replication", "require_auth"],
      ...["requirepeer", "requiressl", "scram_client_key", "scram_server_key"],
      ...["service", "servicefile", "ssl_max_protocol_version"],
      ...["ssl_min_protocol_version", "sslcertmode", "sslcompression"],
      ...["sslcrl", "sslcrldir", "sslkeylogfile", "sslsni"],
      ...["tcp_user_timeout"],
    ].map((name) => [name, ""]),
  ),
};

const ATTRIBUTES: readonly SessionAttributes[] = [
  ...["any", "read-write", "read-only", "primary", "standby"] as const,
  "prefer-standby",
];
const BINDINGS = ["disable", "prefer", "require"] as const;

/** Reads the parameters of a URL that are no other setting. */
export function urlParameters(
  given: ReadonlyMap<string, string>,
  refuse: (problem: string) => void,
): UrlParameters {
  function oneOf<T extends string>(
    name: string,
    values: readonly T[],
  ): T | undefined {
    const text = given.get(name);
    if (text === undefined) return undefined;
    const value = values.find((value) => value === text);
    if (value === undefined) {
      refuse(`has a wrong ${name}: use one of ${values.join(", ")}`);
    }
    return value;
  }
  function seconds(name: string): number | undefined {
    const text = given.get(name);
    if (text === undefined) return undefined;
    if (/^\d{1,4}$/.test(text)) return Number(text) * 1_000;
    refuse(`has a wrong ${name}: use a whole number of seconds`);
    return undefined;
  }
  oneOf("gssencmode", ["disable", "prefer"]);
  oneOf("client_encoding", ["UTF8", "utf8", "UTF-8", "utf-8", "auto"]);
  const keepAlive = oneOf("keepalives", ["0", "1"]);
  const delay = seconds("keepalives_idle");
  const direct = oneOf("sslnegotiation", ["postgres", "direct"]);
  const balance = oneOf("load_balance_hosts", ["disable", "random"]);
  const name = given.get("application_name") ||
    given.get("fallback_application_name");
  return {
    options: given.get("options"),
    applicationName: name || undefined,
    // Zero means no limit to libpq, and the default here.
    connectTimeout: seconds("connect_timeout") || undefined,
    sessionAttributes: oneOf("target_session_attrs", ATTRIBUTES),
    isShuffled: balance === "random",
    channelBinding: oneOf("channel_binding", BINDINGS),
    isTlsDirect: direct === "direct",
    keepAlive: keepAlive === undefined ? undefined : keepAlive === "1",
    keepAliveDelay: delay,
  };
}
