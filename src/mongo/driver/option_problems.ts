import type { MongoClientOptions, MongoOptions } from "mongodb";
import { MongoClient } from "../link/mongodb.ts";
import { ConfigError, type ConfigProblem } from "../../base/errors/mod.ts";
import { nearest } from "../../base/nearest.ts";
import { unreadableFileText } from "../../base/permission_text.ts";
import { readSmallFile } from "../../base/read_small_file.ts";
import { isRepeatable, PASSWORD_ADVICE } from "../../base/url_secrets.ts";
import type { MongoConfig } from "./config.ts";
import { OPTION_NAMES, optionOf, settingOf } from "./client_options.ts";
import {
  type BrokenRule,
  brokenRule,
  uncheckedRules,
  valueText,
} from "./option_rules.ts";

/** Options that name a file. */
const FILES = ["tlsCAFile", "tlsCRLFile", "tlsCertificateKeyFile"] as const;

/**
 * The settings that the driver rejects. Its own messages are not passed on,
 * because they may contain values.
 *
 * @param error the error of the driver
 */
export function optionProblems(
  config: MongoConfig,
  error: unknown,
): ConfigProblem[] {
  const { url, options } = config;
  const wrong = Object.entries(options)
    .filter(([name, value]) =>
      isWrong("mongodb://localhost/", { [name]: value })
    )
    .map(([name]) => ({ key: settingOf(name), problem: valueText(name) }));
  const [hosts = "", query = ""] = url.split("?");
  const parameters = [...new URLSearchParams(query)];
  const inUrl = parameters
    .filter(([name, value]) =>
      isWrong(`mongodb://localhost/?${new URLSearchParams({ [name]: value })}`)
    )
    .map(([name]) => urlOptionProblem(name, query));
  const problems = [...wrong, ...inUrl];
  if (problems.length > 0) return problems;
  const rule = brokenRule(error);
  if (rule !== undefined) return [ruleProblem(config, rule)];
  if (isWrong(hosts)) {
    return [{ key: "URL", problem: "has hosts that the driver rejects" }];
  }
  const repeated = parameters.map(([name]) => name)
    .find((name, index, names) =>
      names.findIndex((other) => optionOf(other) === optionOf(name)) < index
    );
  if (repeated !== undefined) {
    return [{ key: "URL", problem: `repeats ${optionOf(repeated)}` }];
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

/** The problem of an option, which is in the settings or in the URL. */
function ruleProblem(
  { options, url }: MongoConfig,
  { option, problem }: BrokenRule,
): ConfigProblem {
  const isInUrl = !Object.hasOwn(options, option) &&
    new RegExp(`[?&]${option}=`, "i").test(url);
  return isInUrl
    ? { key: "URL", problem: `has ${option}, which ${problem}` }
    : { key: settingOf(option), problem };
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
    const failure: unknown = await readSmallFile(path)
      .then(() => undefined, (error: unknown) => error);
    if (failure === undefined) continue;
    const problem = `a file that cannot be read${unreadableFileText(failure)}`;
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
  config: MongoConfig,
): unknown {
  const rule = brokenRule(error) ??
    (error instanceof Error && isOtherReplicaSet(error)
      ? OTHER_REPLICA_SET
      : undefined);
  return rule === undefined
    ? error
    : new ConfigError(source, [ruleProblem(config, rule)], { cause: error });
}

const OTHER_REPLICA_SET: BrokenRule = {
  option: "replicaSet",
  problem:
    "does not match the server's replica set (the server may not belong to one)",
};

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

/**
 * The options that the driver accepts, but that this package must set itself or
 * that the server rejects.
 *
 * @param used the options of the client
 */
export function refusedOptions(
  config: MongoConfig,
  used: MongoOptions,
): ConfigProblem[] {
  const [, query = ""] = config.url.split("?");
  const own = [...new URLSearchParams(query).keys()]
    .filter((name) =>
      OWN_OPTIONS.some((own) => own.toLowerCase() === name.toLowerCase())
    )
    .map((name) => ({
      key: "URL",
      problem: `has ${name}, which this package sets itself: remove it`,
    }));
  return [
    ...own,
    ...uncheckedRules(used).map((rule) => ruleProblem(config, rule)),
  ];
}

function urlOptionProblem(name: string, query: string): ConfigProblem {
  const known = optionOf(name);
  if (known !== undefined) {
    return { key: "URL", problem: `has ${known}, which ${valueText(known)}` };
  }
  return isRepeatable(name, query)
    ? {
      key: "URL",
      problem: `has the unknown option ${name}`,
      nearest: nearest(name, OPTION_NAMES),
    }
    : { key: "URL", problem: `has an unknown option; ${PASSWORD_ADVICE}` };
}

/** Whether the driver rejects an option for its value alone. */
function isWrong(url: string, options: MongoClientOptions = {}): boolean {
  try {
    new MongoClient(url, options);
    return false;
  } catch (error) {
    return brokenRule(error) === undefined;
  }
}
