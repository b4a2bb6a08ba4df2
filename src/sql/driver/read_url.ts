import type { ConfigProblem } from "../../base/errors/mod.ts";
import { nearest } from "../../base/nearest.ts";
import {
  hostProblem,
  isConnectionText,
  isRepeatable,
  PASSWORD_ADVICE,
} from "../../base/url_secrets.ts";
import {
  REFUSED,
  type UrlParameters,
  urlParameters,
} from "./url_parameters.ts";
import { FILES, type Tls, tlsOf } from "./url_tls.ts";

/** A server: its name or address, or the folder of its socket, and its port. */
export interface Server {
  readonly host: string;
  readonly port: number | undefined;
}

/** The settings in the URL of a server. */
export interface UrlSettings {
  /** The driver, by the scheme. */
  engine?: "postgresql";
  /** The servers, in the order in which they are tried. */
  servers?: readonly Server[];
  /** The user. */
  user?: string;
  /** The password. */
  password?: string;
  /** The database. */
  database?: string;
  /** TLS, by `sslmode`; several in the order in which they are tried. */
  tls?: readonly Tls[];
  /** The other parameters. */
  parameters?: UrlParameters;
}

/**
 * The form of a URL. Every part ends where it ends for libpq, and a second `@`
 * has no place: it would be a part of a password, and what is behind the first
 * one would be taken for a host.
 */
const FORM =
  /^postgres(?:ql)?(?:\+\w+)?:\/\/(?:([^@/?#]*)@)?([^@/?#]*)(?:\/([^@?#]*))?(?:\?([^#]*))?$/;
/** The parameters before an `@` that libpq takes for the login. */
const LOGIN_IN_QUERY = /^[^/@?]*\?[^/]*@/;

/**
 * Reads a URL of libpq: `postgresql://user:password@host:port,host2/database?sslmode=require`.
 * Problems never contain the URL, because it contains the password.
 */
export function readUrl(
  text: string,
  key: string,
  problems: ConfigProblem[],
): UrlSettings {
  const [matched, login = "", authority = "", path = "", query = ""] =
    FORM.exec(text) ?? [];
  const refuse = (problem: string, nearest?: string): void =>
    void problems.push({ key, problem, nearest });
  if (
    matched === undefined || !authority.split(",").every(isHostWithPort) ||
    LOGIN_IN_QUERY.test(text.replace(/^[^/]*\/\//, ""))
  ) {
    refuse(
      `must be a URL like postgresql://user:password@host:5432/database${
        /^mongodb(?:\+srv)?:/.test(text)
          ? "; for a mongodb URL use MongoConnection or the function connect"
          : `; ${PASSWORD_ADVICE}`
      }`,
    );
    return {};
  }
  const settings: UrlSettings = { engine: "postgresql" };
  // As in libpq, a plus sign stands for itself.
  const parameters = new Map(
    new URLSearchParams(query.replaceAll("+", "%2B")),
  );
  if (text.includes("%00")) {
    refuse("contains %00, a character that no setting can contain");
  }
  try {
    const [, user = "", password] = /^([^:]*)(?::(.*))?$/s.exec(login) ?? [];
    const given = {
      user: parameters.get("user") ?? decodeURIComponent(user),
      password: parameters.get("password") ??
        decodeURIComponent(password ?? ""),
      database: parameters.get("dbname") ?? decodeURIComponent(path),
    };
    if (given.user !== "") settings.user = given.user;
    if (given.password !== "") settings.password = given.password;
    if (isConnectionText(given.database)) {
      refuse("has a database that is a URL");
    } else if (given.database !== "") settings.database = given.database;
    const servers = serversOf(authority, parameters, refuse);
    if (servers.length > 0) settings.servers = servers;
  } catch {
    refuse(
      "has a % that is not part of an escape sequence; write % as %25",
    );
    return {};
  }
  for (const name of parameters.keys()) {
    const problem = parameterProblem(name, query);
    if (problem !== undefined) refuse(...problem);
  }
  settings.parameters = urlParameters(parameters, refuse);
  const tls = tlsOf(parameters, refuse);
  if (tls !== undefined) settings.tls = tls;
  return settings;
}

/** Returns why a parameter is refused. Its name is not repeated if it may be a part of a password with an unescaped question mark. */
function parameterProblem(
  name: string,
  query: string,
): [problem: string, nearest?: string | undefined] | undefined {
  if (SUPPORTED.includes(name)) return undefined;
  if (!isRepeatable(name, query)) {
    return [`has an unknown parameter; ${PASSWORD_ADVICE}`];
  }
  const advice = REFUSED[name];
  return advice === undefined
    ? [`has the unknown parameter ${name}`, nearest(name, SUPPORTED)]
    : [`has the parameter ${name}, which is not supported${advice}`];
}

function isHostWithPort(text: string): boolean {
  return /^(?:\[[\da-f:.]+\]|[^:[\]\s]*)(?::(\d*))?$/i.test(text) &&
    isPort(/:(\d+)$/.exec(text)?.[1] ?? "1");
}

function isPort(text: string): boolean {
  return /^\d+$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535;
}

/** The servers of the URL, or of the parameters `host` and `port`, which override them. */
function serversOf(
  authority: string,
  parameters: ReadonlyMap<string, string>,
  refuse: (problem: string) => void,
): Server[] {
  const inUrl = authority.split(",").map((text) => {
    const [, host = "", port] = /^(.*?)(?::(\d*))?$/.exec(text) ?? [];
    return {
      host: decodeURIComponent(host).replace(/^\[(.*)\]$/, "$1"),
      port: port ? Number(port) : undefined,
    };
  });
  const hosts = parameters.get("host")?.split(",") ??
    inUrl.map(({ host }) => host);
  const ports = parameters.get("port")?.split(",");
  if (
    ports !== undefined && !ports.every((port) => port === "" || isPort(port))
  ) {
    refuse("has a port that is not a number from 1 to 65535");
    return [];
  }
  if (
    ports !== undefined && ports.length > 1 && ports.length !== hosts.length
  ) {
    refuse(`has ${ports.length} ports for ${hosts.length} hosts`);
    return [];
  }
  if (hosts.length > 1 && hosts.includes("")) {
    refuse("has an empty host before or after a comma");
    return [];
  }
  if (hosts.some((host) => !host.startsWith("/") && hostProblem(host))) {
    refuse(`has an invalid host; ${PASSWORD_ADVICE}`);
    return [];
  }
  return hosts.filter((host) => host !== "").map((host, index) => {
    const port = ports === undefined
      ? undefined
      : ports.length === 1
      ? ports[0]
      : ports[index];
    return { host, port: port ? Number(port) : inUrl[index]?.port };
  });
}

/** The parameters that a URL accepts. */
const SUPPORTED: readonly string[] = [
  ...["host", "port", "user", "password", "dbname"],
  ...["sslmode", "ssl", ...Object.keys(FILES), "sslpassword", "sslnegotiation"],
  ...["channel_binding", "options", "application_name"],
  ...["fallback_application_name", "connect_timeout", "target_session_attrs"],
  ...["load_balance_hosts", "keepalives", "keepalives_idle"],
  ...["client_encoding", "gssencmode"],
];
