import { readFile } from "node:fs/promises";
import type { MongoClientOptions } from "mongodb";
import { MongoClient } from "../link/mongodb.ts";
import { ConfigError, type ConfigProblem } from "../../base/errors/mod.ts";
import { nearest } from "../../base/nearest.ts";
import { permissionText } from "../../base/permission_text.ts";
import { isRepeatable, PASSWORD_ADVICE } from "../../base/url_secrets.ts";
import type { MongoConfig } from "./config.ts";
import { OPTION_NAMES, optionOf, settingOf } from "./client_options.ts";

/** Options that name a file. */
const FILES = ["tlsCAFile", "tlsCRLFile", "tlsCertificateKeyFile"] as const;

/** The settings that the driver rejects. Its own messages are not passed on, because they may contain values. */
export function optionProblems(
  { url, options }: MongoConfig,
): ConfigProblem[] {
  const wrong = Object.entries(options)
    .filter(([name, value]) =>
      !isAccepted("mongodb://localhost/", { [name]: value })
    )
    .map(([name]) => ({
      key: settingOf(name),
      problem: "has a value that the driver rejects",
    }));
  const [hosts = "", query = ""] = url.split("?");
  const parameters = [...new URLSearchParams(query)];
  const inUrl = parameters
    .filter(([name, value]) =>
      !isAccepted(
        `mongodb://localhost/?${new URLSearchParams({ [name]: value })}`,
      )
    )
    .map(([name]) => urlOptionProblem(name, query));
  const problems = [...wrong, ...inUrl];
  if (problems.length > 0) return problems;
  if (!isAccepted(hosts)) {
    return [{ key: "URL", problem: "has hosts that the driver rejects" }];
  }
  const names = [
    ...Object.keys(options).map(settingOf),
    ...parameters.map(([name]) => name),
  ];
  return [{
    key: "MONGO",
    problem: `has options that cannot be combined: ${names.join(", ")}`,
  }];
}

/** The options of a client that name an unreadable file; the driver opens the files only when it connects. */
export async function fileProblems(
  { options }: MongoConfig,
  used: MongoClientOptions,
): Promise<ConfigProblem[]> {
  const problems: ConfigProblem[] = [];
  for (const name of FILES) {
    const path = used[name];
    if (path === undefined) continue;
    const failure: unknown = await readFile(path)
      .then(() => undefined, (error: unknown) => error);
    if (failure === undefined) continue;
    const permission = permissionText(failure);
    const problem = `a file that cannot be read${
      permission === undefined ? "" : `: ${permission}`
    }`;
    problems.push(
      Object.hasOwn(options, name)
        ? { key: settingOf(name), problem: `names ${problem}` }
        : { key: "URL", problem: `has ${name}, which names ${problem}` },
    );
  }
  return problems;
}

/** The `ConfigError` for a failure to connect that is caused by settings; other errors unchanged. */
export function settingsError(
  error: unknown,
  source: string,
  { options }: MongoConfig,
): unknown {
  const optionError = (option: string, problem: string): ConfigError =>
    new ConfigError(source, [
      Object.hasOwn(options, option)
        ? { key: settingOf(option), problem }
        : { key: "URL", problem: `has ${option}, which ${problem}` },
    ], { cause: error });
  if (!(error instanceof Error)) return error;
  if (error.name === "MongoMissingDependencyError") {
    return optionError(
      "compressors",
      "requires a package that is not installed; zlib requires none",
    );
  }
  return isOtherReplicaSet(error)
    ? optionError(
      "replicaSet",
      "does not match the server's replica set (the server may not belong to one)",
    )
    : error;
}

/** Whether servers answered but none belongs to the replica set, so that the driver dropped them all. */
function isOtherReplicaSet(error: Error): boolean {
  const reason: unknown = Reflect.get(error, "reason");
  if (error.name !== "MongoServerSelectionError") return false;
  if (typeof reason !== "object" || reason === null) return false;
  const servers: unknown = Reflect.get(reason, "servers");
  return servers instanceof Map && servers.size === 0 &&
    Reflect.get(reason, "type") === "ReplicaSetNoPrimary";
}

/** Options of the driver that change how documents are read or written. This package sets them itself. */
const OWN_OPTIONS: readonly string[] = [
  ...["bsonRegExp", "checkKeys", "enableUtf8Validation", "fieldsAsRaw"],
  ...["forceServerObjectId", "ignoreUndefined", "pkFactory", "promoteBuffers"],
  ...["promoteLongs", "promoteValues", "raw", "serializeFunctions"],
  ...["useBigInt64"],
];

/** The options in the URL that the driver accepts, but that this package must set itself. */
export function refusedOptions({ url }: MongoConfig): ConfigProblem[] {
  const [, query = ""] = url.split("?");
  return [...new URLSearchParams(query).keys()]
    .filter((name) =>
      OWN_OPTIONS.some((own) => own.toLowerCase() === name.toLowerCase())
    )
    .map((name) => ({
      key: "URL",
      problem: `has ${name}, which this package sets itself: remove it`,
    }));
}

function urlOptionProblem(name: string, query: string): ConfigProblem {
  const isKnown = optionOf(name) !== undefined;
  if (!isKnown && !isRepeatable(name, query)) {
    return {
      key: "URL",
      problem: `has an unknown option; ${PASSWORD_ADVICE}`,
    };
  }
  return {
    key: "URL",
    problem: isKnown
      ? `has ${name} with a value that the driver rejects`
      : `has the unknown option ${name}`,
    nearest: isKnown ? undefined : nearest(name, OPTION_NAMES),
  };
}

function isAccepted(url: string, options: MongoClientOptions = {}): boolean {
  try {
    new MongoClient(url, options);
    return true;
  } catch {
    return false;
  }
}
