import { unreadableFileText } from "../../base/permission_text.ts";
import { assertSmallFile } from "../../base/read_small_file.ts";

/** TLS of a connection: off, on with certificate verification, or options of Node's `tls.connect`. */
export type Tls = boolean | Readonly<Record<string, unknown>>;

const SSL_MODES: readonly string[] = [
  ...["disable", "allow", "prefer", "require", "verify-ca", "verify-full"],
];

/** Parameters about TLS that name a file, and the options of Node that take its content. */
export const FILES: Readonly<Record<string, string>> = {
  sslrootcert: "ca",
  sslcert: "cert",
  sslkey: "key",
};

/** Returns TLS as libpq means it: `require` does not verify the certificate unless `sslrootcert` is set, and `verify-ca` does not compare the host. */
export function tlsOf(
  parameters: ReadonlyMap<string, string>,
  refuse: (problem: string, nearest?: string) => void,
): readonly Tls[] | undefined {
  const mode = parameters.get("sslmode") ??
    (parameters.get("ssl") === "true" ? "require" : undefined);
  if (!["true", undefined].includes(parameters.get("ssl"))) {
    refuse("has a wrong ssl: use ssl=true, or sslmode");
  }
  const options: Record<string, unknown> = {};
  for (const [name, option] of Object.entries(FILES)) {
    const path = parameters.get(name);
    if (path === undefined || (name === "sslrootcert" && path === "system")) {
      continue;
    }
    try {
      assertSmallFile(path, Deno.statSync(path).size);
      options[option] = Deno.readTextFileSync(path);
    } catch (error) {
      refuse(
        `names a file as ${name} that cannot be read${
          unreadableFileText(error)
        }`,
      );
    }
  }
  const passphrase = parameters.get("sslpassword");
  if (passphrase !== undefined) options.passphrase = passphrase;
  if (mode === undefined) {
    return Object.keys(options).length === 0
      ? undefined
      : [{ rejectUnauthorized: "ca" in options, ...options }, false];
  }
  const unverified = { rejectUnauthorized: false, ...options };
  const chain = {
    rejectUnauthorized: true,
    checkServerIdentity: () => undefined,
    ...options,
  };
  switch (mode) {
    case "disable":
      return [false];
    case "allow":
      return [false, unverified];
    case "prefer":
      return [unverified, false];
    case "require":
      return ["ca" in options ? chain : unverified];
    case "verify-ca":
      return [chain];
    case "verify-full":
      return [
        Object.keys(options).length === 0 ? true : {
          rejectUnauthorized: true,
          ...options,
        },
      ];
  }
  refuse(
    `has an unknown sslmode; use one of ${SSL_MODES.join(", ")}`,
  );
  return undefined;
}
