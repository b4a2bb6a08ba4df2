import type { ConfigProblem } from "../../base/errors/mod.ts";

/** The parts of a connection URL. */
export interface UrlParts {
  /** The URL without user and password. */
  readonly url: string;
  /** The hosts, for messages. */
  readonly hosts: string;
  /** User. */
  readonly user: string | undefined;
  /** Password. */
  readonly password: string | undefined;
  /** Database. */
  readonly database: string | undefined;
  /** `authMechanism`; some mechanisms require no password. */
  readonly mechanism: string | undefined;
}

const FORM =
  /^(mongodb(?:\+srv)?):\/\/(?:([^:@/?]*)(?::([^@/?]*))?@)?([^@/?]+)(?:\/([^?]*))?(?:\?(.*))?$/;

/** Parses `mongodb://user:password@host:27017/database?option=value`. Problems never quote the URL: it contains the password. */
export function parseUrl(
  text: string,
  key: string,
  problems: ConfigProblem[],
): UrlParts | undefined {
  const match = FORM.exec(text);
  if (match === null) {
    problems.push({
      key,
      problem: "must be a URL like mongodb://user:password@host:27017/database",
    });
    return undefined;
  }
  const [, scheme, user, password, hosts = "", path, query] = match;
  const options = query ? `?${query}` : "";
  try {
    return {
      url: `${scheme}://${hosts}/${path ?? ""}${options}`,
      hosts: decodeURIComponent(hosts),
      user: user ? decodeURIComponent(user) : undefined,
      password: password === undefined
        ? undefined
        : decodeURIComponent(password),
      database: path ? decodeURIComponent(path) : undefined,
      mechanism: new URLSearchParams(query).get("authMechanism") ?? undefined,
    };
  } catch {
    problems.push({
      key,
      problem: "contains a % that begins no escape sequence; write it as %25",
    });
    return undefined;
  }
}
