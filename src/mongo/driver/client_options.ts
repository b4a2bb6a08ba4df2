import type { MongoClientOptions } from "mongodb";

/** The driver's options that settings may give. Options that this package must set itself, such as how integers are read, are not among them. */
export const OPTION_NAMES: readonly (keyof MongoClientOptions)[] = [
  "appName",
  "authMechanism",
  "authMechanismProperties",
  "authSource",
  "compressors",
  "connectTimeoutMS",
  "directConnection",
  "family",
  "heartbeatFrequencyMS",
  "journal",
  "loadBalanced",
  "localThresholdMS",
  "maxConnecting",
  "maxIdleTimeMS",
  "maxPoolSize",
  "maxStalenessSeconds",
  "minHeartbeatFrequencyMS",
  "minPoolSize",
  "monitorCommands",
  "noDelay",
  "proxyHost",
  "proxyPassword",
  "proxyPort",
  "proxyUsername",
  "readConcern",
  "readConcernLevel",
  "readPreference",
  "readPreferenceTags",
  "replicaSet",
  "retryReads",
  "retryWrites",
  "serverApi",
  "serverMonitoringMode",
  "serverSelectionTimeoutMS",
  "socketTimeoutMS",
  "srvMaxHosts",
  "srvServiceName",
  "ssl",
  "timeoutMS",
  "tls",
  "tlsAllowInvalidCertificates",
  "tlsAllowInvalidHostnames",
  "tlsCAFile",
  "tlsCRLFile",
  "tlsCertificateKeyFile",
  "tlsCertificateKeyFilePassword",
  "tlsInsecure",
  "w",
  "waitQueueTimeoutMS",
  "writeConcern",
  "wtimeoutMS",
  "zlibCompressionLevel",
];

/** The setting of each option: `READ_PREFERENCE` for `readPreference`. */
export const CLIENT_KEYS: readonly string[] = OPTION_NAMES.map(settingOf);

/** The setting of a driver option. */
export function settingOf(option: string): string {
  return option
    .replaceAll(/(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/g, "_")
    .toUpperCase();
}

const byFoldedName = new Map(OPTION_NAMES.map((name) => [fold(name), name]));

/** The driver option of a setting, in any case and notation: `READ_PREFERENCE`, `readPreference`, `read-preference`. */
export function optionOf(key: string): string | undefined {
  return byFoldedName.get(fold(key));
}

function fold(name: string): string {
  return name.replaceAll(/[_-]/g, "").toLowerCase();
}
