import type { ConfigProblem } from "../../base/errors/mod.ts";

/** What a URL says of a server. */
export interface Place {
  /** The driver that the scheme means. */
  engine?: "postgresql";
  /** Name or address. */
  host?: string;
  /** Port. */
  port?: number;
  /** Who. */
  user?: string;
  /** How they prove it. */
  password?: string;
  /** Database. */
  database?: string;
  /** TLS, by `sslmode`. */
  ssl?: boolean | Readonly<Record<string, unknown>>;
}

/** The parts of `postgresql://user:password@host:port/database?sslmode=require`. The text itself goes nowhere: it holds the password. */
export function readUrl(
  text: string,
  key: string,
  problems: ConfigProblem[],
): Place {
  const url = URL.parse(text.replace(/^(postgres(?:ql)?)\+\w+:/, "$1:"));
  if (url === null || !/^postgres(?:ql)?:$/.test(url.protocol)) {
    problems.push({
      key: key,
      problem: "is no URL like postgresql://user:password@host:5432/database",
    });
    return {};
  }
  const place: Place = { engine: "postgresql" };
  try {
    const host = url.searchParams.get("host") ??
      decodeURIComponent(url.hostname);
    if (host !== "") place.host = host.replace(/^\[(.*)\]$/, "$1");
    if (url.port !== "") place.port = Number(url.port);
    if (url.username !== "") place.user = decodeURIComponent(url.username);
    if (url.password !== "") place.password = decodeURIComponent(url.password);
    if (url.pathname.length > 1) {
      place.database = decodeURIComponent(url.pathname.slice(1));
    }
  } catch {
    problems.push({
      key: key,
      problem: "has a % that begins no escape",
    });
  }
  for (const [parameter, value] of url.searchParams) {
    if (parameter === "host") continue;
    const ssl = parameter === "sslmode" ? SSL_MODES[value] : undefined;
    if (ssl === undefined) {
      problems.push({
        key: key,
        problem: parameter === "sslmode"
          ? `has an sslmode that is none of ${
            Object.keys(SSL_MODES).join(", ")
          }`
          : "has a parameter besides sslmode and host: say it as a setting, and escape a ? in the password as %3F",
      });
    } else place.ssl = ssl;
  }
  return place;
}

/** libpq's words, by what they promise: `require` encrypts without looking at the certificate. */
const SSL_MODES: Readonly<Record<string, NonNullable<Place["ssl"]>>> = {
  disable: false,
  require: { rejectUnauthorized: false },
  "verify-ca": true,
  "verify-full": true,
};
