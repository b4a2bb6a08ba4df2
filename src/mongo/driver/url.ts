import type { ConfigProblem } from "../../base/errors/mod.ts";

/** What a URL says of a server. */
export interface Place {
  /** The URL without user and password. */
  readonly url: string;
  /** Its hosts, for messages. */
  readonly place: string;
  /** Who. */
  readonly user: string | undefined;
  /** How they prove it. */
  readonly password: string | undefined;
  /** Database. */
  readonly database: string | undefined;
  /** `authMechanism`, some of which need no password. */
  readonly mechanism: string | undefined;
}

const FORM =
  /^(mongodb(?:\+srv)?):\/\/(?:([^:@/?]*)(?::([^@/?]*))?@)?([^@/?]+)(?:\/([^?]*))?(?:\?(.*))?$/;

/** The parts of `mongodb://user:password@host:27017/database?option=value`. The text itself goes nowhere: it holds the password. */
export function readUrl(
  text: string,
  key: string,
  problems: ConfigProblem[],
): Place | undefined {
  const match = FORM.exec(text);
  if (match === null) {
    problems.push({
      key,
      problem: "is no URL like mongodb://user:password@host:27017/database",
    });
    return undefined;
  }
  const [, scheme, user, password, hosts = "", path, query] = match;
  const options = query ? `?${query}` : "";
  try {
    return {
      url: `${scheme}://${hosts}/${path ?? ""}${options}`,
      place: decodeURIComponent(hosts),
      user: user ? decodeURIComponent(user) : undefined,
      password: password === undefined
        ? undefined
        : decodeURIComponent(password),
      database: path ? decodeURIComponent(path) : undefined,
      mechanism: new URLSearchParams(query).get("authMechanism") ?? undefined,
    };
  } catch {
    problems.push({ key, problem: "has a % that begins no escape" });
    return undefined;
  }
}
