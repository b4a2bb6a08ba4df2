import type { ConfigProblem } from "../../base/errors/mod.ts";
import { hostProblem, PASSWORD_ADVICE } from "../../base/url_secrets.ts";

/** The parts of a connection URL. */
interface UrlParts {
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

/** The form of a URL. A second `@` has no place: what is behind the first one would be taken for a host. */
const FORM =
  /^(mongodb(?:\+srv)?):\/\/(?:([^:@/?]*)(?::([^@/?]*))?@)?([^@/?]+)(?:\/([^@/?]*))?(?:\?([^@]*))?$/;

/** Parses `mongodb://user:password@host:27017/database?option=value`. Problems never quote the URL: it contains the password. */
export function parseUrl(
  text: string,
  key: string,
  problems: ConfigProblem[],
): UrlParts | undefined {
  const refuse = (problem: string): undefined => {
    problems.push({ key, problem });
    return undefined;
  };
  const match = FORM.exec(text);
  if (match === null) {
    return refuse(
      `must be a URL like mongodb://user:password@host:27017/database; ${PASSWORD_ADVICE}`,
    );
  }
  const [, scheme, user, password, hosts = "", path, query] = match;
  const options = query ? `?${query}` : "";
  try {
    const names = hosts.split(",").map(decodeURIComponent);
    if (names.some((host) => !host.startsWith("/") && hostProblem(host))) {
      return refuse(`has an invalid host; ${PASSWORD_ADVICE}`);
    }
    const parameters = new URLSearchParams(query);
    for (const [name, value] of parameters) {
      const problem = /^proxyHost$/i.test(name) && hostProblem(value);
      if (problem) return refuse(`has a proxyHost that ${problem}`);
    }
    return {
      url: `${scheme}://${hosts}/${path ?? ""}${options}`,
      hosts: decodeURIComponent(hosts),
      user: user ? decodeURIComponent(user) : undefined,
      password: password === undefined
        ? undefined
        : decodeURIComponent(password),
      database: path ? decodeURIComponent(path) : undefined,
      mechanism: parameters.get("authMechanism") ?? undefined,
    };
  } catch {
    return refuse(
      "contains a % that begins no escape sequence; write it as %25",
    );
  }
}
