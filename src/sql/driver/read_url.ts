import type { ConfigProblem } from "../../base/errors/mod.ts";

/** The settings in the URL of a server. */
export interface UrlSettings {
  /** The driver, by the scheme. */
  engine?: "postgresql";
  /** The name or address of the server. */
  host?: string;
  /** The port. */
  port?: number;
  /** The user. */
  user?: string;
  /** The password. */
  password?: string;
  /** The database. */
  database?: string;
  /** TLS, by `sslmode`. */
  ssl?: boolean | Readonly<Record<string, unknown>>;
}

/** Reads a URL like `postgresql://user:password@host:port/database?sslmode=require`. Problems never contain the URL, because it contains the password. */
export function readUrl(
  text: string,
  key: string,
  problems: ConfigProblem[],
): UrlSettings {
  const url = URL.parse(text.replace(/^(postgres(?:ql)?)\+\w+:/, "$1:"));
  if (url === null || !/^postgres(?:ql)?:$/.test(url.protocol)) {
    problems.push({
      key: key,
      problem:
        "must be a URL like postgresql://user:password@host:5432/database",
    });
    return {};
  }
  const settings: UrlSettings = { engine: "postgresql" };
  try {
    const host = url.searchParams.get("host") ??
      decodeURIComponent(url.hostname);
    if (host !== "") settings.host = host.replace(/^\[(.*)\]$/, "$1");
    if (url.port !== "") settings.port = Number(url.port);
    if (url.username !== "") settings.user = decodeURIComponent(url.username);
    if (url.password !== "") {
      settings.password = decodeURIComponent(url.password);
    }
    if (url.pathname.length > 1) {
      settings.database = decodeURIComponent(url.pathname.slice(1));
    }
  } catch {
    problems.push({
      key: key,
      problem: "has a % that is not part of an escape sequence; write % as %25",
    });
  }
  for (const [parameter, value] of url.searchParams) {
    if (parameter === "host") continue;
    const ssl = parameter === "sslmode" ? SSL_MODES[value] : undefined;
    if (ssl === undefined) {
      problems.push({
        key: key,
        problem: parameter === "sslmode"
          ? `has an unknown sslmode; use one of ${
            Object.keys(SSL_MODES).join(", ")
          }`
          : "has a parameter other than sslmode and host: use a setting instead, and write a ? in the password as %3F",
      });
    } else settings.ssl = ssl;
  }
  return settings;
}

/** The modes of libpq: `require` encrypts without verifying the certificate. */
const SSL_MODES: Readonly<Record<string, NonNullable<UrlSettings["ssl"]>>> = {
  disable: false,
  require: { rejectUnauthorized: false },
  "verify-ca": true,
  "verify-full": true,
};
