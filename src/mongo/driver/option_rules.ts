import type { MongoOptions } from "mongodb";

/** A rule that an option breaks: the option, and the problem as the end of a sentence about it. */
export interface BrokenRule {
  readonly option: string;
  readonly problem: string;
}

const SWITCHES: readonly string[] = [
  ...["directConnection", "journal", "loadBalanced", "monitorCommands"],
  ...["noDelay", "retryReads", "retryWrites", "ssl", "tls", "tlsInsecure"],
  ...["tlsAllowInvalidCertificates", "tlsAllowInvalidHostnames"],
];

const NUMBERS: readonly string[] = [
  ...["connectTimeoutMS", "heartbeatFrequencyMS", "localThresholdMS"],
  ...["maxConnecting", "maxIdleTimeMS", "maxPoolSize", "maxStalenessSeconds"],
  ...["minHeartbeatFrequencyMS", "minPoolSize", "proxyPort", "srvMaxHosts"],
  ...["serverSelectionTimeoutMS", "socketTimeoutMS", "timeoutMS"],
  ...["waitQueueTimeoutMS", "wtimeoutMS", "zlibCompressionLevel"],
];

/** What the value of an option must be. */
const VALUES: ReadonlyMap<string, string> = new Map([
  ...SWITCHES.map((name) => [name, "must be true or false"] as const),
  ...NUMBERS.map((name) =>
    [name, "must be a whole number, 0 or greater"] as const
  ),
  [
    "authMechanism",
    "must be one of SCRAM-SHA-256, SCRAM-SHA-1, MONGODB-X509, PLAIN, MONGODB-OIDC, and MONGODB-AWS",
  ],
  ["authMechanismProperties", "must be pairs like ENVIRONMENT:azure"],
  ["compressors", "must be a list of zlib, zstd, and snappy"],
  ["family", "must be 4, 6, or 0 for both"],
  ["readConcern", "must be an object like { level: … }"],
  [
    "readPreference",
    "must be one of primary, primaryPreferred, secondary, secondaryPreferred, and nearest",
  ],
  ["readPreferenceTags", "must be pairs like dc:east"],
  ["serverApi", 'must be an object like { version: "1" }'],
  ["serverMonitoringMode", "must be one of auto, poll, and stream"],
  ["writeConcern", "must be an object like { w: … }"],
]);

/** Rules that the driver checks, by constant parts of its messages: a message as a whole may contain values. */
const RULES: readonly (readonly [RegExp, string, string])[] = [
  [
    /`serverApi`, it can only be passed/,
    "serverApi",
    "must be a setting: SERVER_API",
  ],
  [
    /loadBalanced is only a valid option in the URI/,
    "loadBalanced",
    "must be in the URL: ?loadBalanced=true",
  ],
  [
    /loadBalanced option only supported with a single host/,
    "loadBalanced",
    "requires a URL with one host",
  ],
  [
    /loadBalanced option not supported with a replicaSet/,
    "loadBalanced",
    "cannot be combined with replicaSet",
  ],
  [
    /loadBalanced option not supported when directConnection/,
    "loadBalanced",
    "cannot be combined with directConnection",
  ],
  [
    /attempted to initialize in load balancing mode/,
    "loadBalanced",
    "requires a server behind a load balancer",
  ],
  [/values of tls\/ssl must be the same/, "tls", "contradicts ssl"],
  [
    /'tlsInsecure' option cannot be used with/,
    "tlsInsecure",
    "cannot be combined with tlsAllowInvalidCertificates and tlsAllowInvalidHostnames",
  ],
  [
    /requires an authSource of '\$external'/,
    "authSource",
    "must be $external for this authMechanism",
  ],
  [/Username required for mechanism/, "authMechanism", "requires a user"],
  [
    /username and password cannot be provided when using MONGODB-AWS/,
    "authMechanism",
    "is MONGODB-AWS and takes no user and no password",
  ],
  [
    /Password not allowed for mechanism MONGODB-X509/,
    "authMechanism",
    "is MONGODB-X509 and takes no password",
  ],
  [
    /No password is allowed in ENVIRONMENT/,
    "authMechanism",
    "is MONGODB-OIDC and takes no password",
  ],
  [
    /username and ENVIRONMENT .* may not be used together/,
    "authMechanism",
    "is MONGODB-OIDC and takes a user only in the environment azure",
  ],
  [
    /a ENVIRONMENT(?: in|, OIDC_CALLBACK)/,
    "authMechanismProperties",
    "must name the ENVIRONMENT of MONGODB-OIDC: test, azure, gcp, or k8s",
  ],
  [
    /TOKEN_RESOURCE/,
    "authMechanismProperties",
    "must have a TOKEN_RESOURCE for the environments azure and gcp",
  ],
  [
    /Invalid source '.*' for mechanism/s,
    "authSource",
    "must be $external for this authMechanism",
  ],
  [
    /PLAIN Authentication Mechanism needs an auth source/,
    "authMechanism",
    "is PLAIN and requires authSource",
  ],
  [
    /SRV URI does not support directConnection/,
    "directConnection",
    "cannot be combined with mongodb+srv://",
  ],
  [
    /directConnection option requires exactly one host/,
    "directConnection",
    "requires one host",
  ],
  [
    /Cannot use srvMaxHosts option with replicaSet/,
    "srvMaxHosts",
    "cannot be combined with replicaSet",
  ],
  [
    /srvMaxHosts.* with a non-srv connection string/,
    "srvMaxHosts",
    "requires a URL that begins with mongodb+srv://",
  ],
  [
    /srvServiceName.* with a non-srv connection string/,
    "srvServiceName",
    "requires a URL that begins with mongodb+srv://",
  ],
  [/Must specify proxyHost/, "proxyPort", "requires proxyHost"],
  [
    /both of proxy username\/password or neither/,
    "proxyUsername",
    "must be set together with proxyPassword",
  ],
  [
    /maxStalenessSeconds value can not be less than/,
    "maxStalenessSeconds",
    "must be 90 or more",
  ],
  [
    /minimum size must not be greater than maximum/,
    "minPoolSize",
    "must not be greater than maxPoolSize",
  ],
  [
    /mechanism \S+ which is not enabled/,
    "authMechanism",
    "names a mechanism that the server does not enable",
  ],
];

/** What requires a package of its own: the option that asks for it, and its name. */
const PACKAGES: Readonly<Record<string, readonly [string, string]>> = {
  kerberos: ["authMechanism", "GSSAPI (Kerberos)"],
  "@aws-sdk/credential-providers": ["authMechanism", "MONGODB-AWS"],
  "gcp-metadata": ["authMechanismProperties", "the environment gcp"],
  snappy: ["compressors", "snappy"],
  "@mongodb-js/zstd": ["compressors", "zstd"],
  socks: ["proxyHost", "a proxy"],
};

/** The levels of a read concern. */
const LEVELS: readonly unknown[] = [
  ...["local", "available", "majority", "linearizable", "snapshot"],
];

/** Returns the rules that a client's options break and that the driver leaves to the server, which answers each call with an error. */
export function uncheckedRules(
  { readConcern, writeConcern, zlibCompressionLevel = 0 }: MongoOptions,
): BrokenRule[] {
  const level: unknown = readConcern?.level;
  const w: unknown = writeConcern?.w;
  const isCount = typeof w === "string" ||
    typeof w === "number" && Number.isInteger(w) && w >= 0;
  return [
    ...level === undefined || LEVELS.includes(level) ? [] : [{
      option: "readConcernLevel",
      problem: `must be one of ${LEVELS.slice(0, -1).join(", ")}, and snapshot`,
    }],
    ...w === undefined || isCount
      ? []
      : [{ option: "w", problem: 'must be a whole number or "majority"' }],
    ...zlibCompressionLevel >= -1 && zlibCompressionLevel <= 9 ? [] : [{
      option: "zlibCompressionLevel",
      problem: "must be a whole number from -1 to 9",
    }],
  ];
}

/** Returns what the value of an option must be. */
export function valueText(option: string): string {
  return VALUES.get(option) ?? "has a value that the driver rejects";
}

/** Returns the rule about several options, or about the server, that an error of the driver is about; undefined for other errors. */
export function brokenRule(error: unknown): BrokenRule | undefined {
  if (!(error instanceof Error)) return undefined;
  const { message } = error;
  const [, name = ""] = /module `([^`]+)` not found/.exec(message) ?? [];
  const required = PACKAGES[name];
  if (required !== undefined) {
    const [option, feature] = required;
    return {
      option,
      problem:
        `asks for ${feature}, which is not supported: it requires the package ${name}, which is not installed`,
    };
  }
  const [, option, problem] = RULES.find(([text]) => text.test(message)) ?? [];
  return option === undefined || problem === undefined
    ? brokenRule(error.cause)
    : { option, problem };
}
