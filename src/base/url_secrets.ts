/** How to write a password that the parts of a URL cannot contain. */
export const PASSWORD_ADVICE: string =
  "in the password write @ as %40, / as %2F, : as %3A, ? as %3F, # as %23, and % as %25, or remove the password from the URL and give it as PASSWORD";

/** A character that no host has. */
const NOT_IN_HOSTS = /[\s/?#@\\<>"=]/;

/** Parameters whose value is a secret: password, sslpassword, proxyPassword, authMechanismProperties. */
const SECRETS = /password|properties|passphrase/i;

/** Why a text is not the name or address of a host, which is looked up in DNS and named in messages; undefined if it can be one. */
export function hostProblem(host: string): string | undefined {
  const [character] = NOT_IN_HOSTS.exec(host) ??
    (host.includes(":") ? [] : /%/.exec(host) ?? []);
  return character === undefined
    ? undefined
    : `contains ${
      JSON.stringify(character)
    }, which is not allowed in a host name`;
}

/** Whether a message can repeat the name of an unknown parameter of a URL: the name is not a part of a password with an unescaped `?`, `&` or `@`. */
export function isRepeatable(name: string, query: string): boolean {
  return /^\w+$/.test(name) && !query.includes("@") && !SECRETS.test(query);
}

/** Whether a text is a URL or a connection string, which may hold a password, and not a name. */
export function isConnectionText(text: string): boolean {
  const scheme = text.indexOf("://");
  return /^\s*(?:postgres|mongodb)[\w+]*:|\bpassword\s*=|^[^:/@\\]{2,}:.*@/is
    .test(text) || (scheme >= 0 && text.includes("@", scheme + 3));
}

/** Whether a list of hosts is a URL, or begins with a login and its password, of which a part may look like the folder of a socket. */
export function isUrlOfHosts(hosts: string): boolean {
  return hosts.includes("://") || /:.*@/s.test(hosts);
}

/** URLs of databases, up to the last `@` before the next one: a password may contain every character. */
const DATABASE_URLS =
  /((?:postgres|mongodb)[\w+]{0,20}:\/\/)(?:(?!(?:postgres|mongodb)[\w+]{0,20}:\/\/).)*@/gi;
/** Credentials in other URLs: a user with a password, which may contain every character but spaces, or either alone. */
const CREDENTIALS = /:\/\/(?:[^\s/?#@:]*:(?:(?!:\/\/)\S)*|[^\s/@'"]*)@/g;

/** Returns a message without the credentials of the URLs in it. */
export function withoutCredentials(message: string): string {
  return message.replaceAll(DATABASE_URLS, "$1…@")
    .replaceAll(CREDENTIALS, "://…@");
}
