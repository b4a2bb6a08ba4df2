import { readFile } from "node:fs/promises";
import { MongoClient, type MongoClientOptions } from "mongodb";
import { ConfigError, type ConfigProblem } from "../../base/errors/mod.ts";
import { nearest } from "../../base/nearest.ts";
import type { MongoConfig } from "./config.ts";
import { keyOf, optionNames, optionOf } from "./client_options.ts";

/** Options that name a file. */
const FILES = ["tlsCAFile", "tlsCRLFile", "tlsCertificateKeyFile"] as const;

/** Which settings the driver has something against; its words may hold values, so they are not passed on. */
export function driversProblems(
  { url, options }: MongoConfig,
): ConfigProblem[] {
  const wrong = Object.entries(options)
    .filter(([name, value]) =>
      !isTaken("mongodb://localhost/", { [name]: value })
    )
    .map(([name]) => ({
      key: keyOf(name),
      problem: "has a value that the driver does not take",
    }));
  const [hosts = "", query = ""] = url.split("?");
  const asked = [...new URLSearchParams(query)];
  const inUrl = asked
    .filter(([name, value]) =>
      !isTaken(`mongodb://localhost/?${new URLSearchParams({ [name]: value })}`)
    )
    .map(([name]) => wrongInUrl(name));
  const problems = [...wrong, ...inUrl];
  if (problems.length > 0) return problems;
  if (!isTaken(hosts)) {
    return [{ key: "URL", problem: "has hosts that the driver does not take" }];
  }
  const names = [
    ...Object.keys(options).map(keyOf),
    ...asked.map(([name]) => name),
  ];
  return [{
    key: "MONGO",
    problem: `has options that do not go together: ${names.join(", ")}`,
  }];
}

/** What of a client's options only shows as it connects: files that cannot be read. */
export async function fileProblems(
  { options }: MongoConfig,
  used: MongoClientOptions,
): Promise<ConfigProblem[]> {
  const problems: ConfigProblem[] = [];
  for (const name of FILES) {
    const path = used[name];
    if (path === undefined) continue;
    const readable = await readFile(path).then(() => true, () => false);
    if (readable) continue;
    const problem = "a file that cannot be read";
    problems.push(
      Object.hasOwn(options, name)
        ? { key: keyOf(name), problem: `names ${problem}` }
        : { key: "URL", problem: `names ${problem} as ${name}` },
    );
  }
  return problems;
}

/** The settings behind a failure to connect that no server could mend. */
export function asConfigError(
  error: unknown,
  source: string,
  { options }: MongoConfig,
): unknown {
  const because = (option: string, problem: string): ConfigError =>
    new ConfigError(source, [
      Object.hasOwn(options, option)
        ? { key: keyOf(option), problem }
        : { key: "URL", problem: `has ${option}, which ${problem}` },
    ], { cause: error });
  if (!(error instanceof Error)) return error;
  if (error.name === "MongoMissingDependencyError") {
    return because(
      "compressors",
      "asks for a kind whose package is not installed; zlib needs none",
    );
  }
  return isOtherSet(error)
    ? because(
      "replicaSet",
      "is the name of another replica set than the server's, if it is one of any",
    )
    : error;
}

/** Whether servers answered and none was of the set: the driver has left all of them out. */
function isOtherSet(error: Error): boolean {
  const reason: unknown = Reflect.get(error, "reason");
  if (error.name !== "MongoServerSelectionError") return false;
  if (typeof reason !== "object" || reason === null) return false;
  const servers: unknown = Reflect.get(reason, "servers");
  return servers instanceof Map && servers.size === 0 &&
    Reflect.get(reason, "type") === "ReplicaSetNoPrimary";
}

function wrongInUrl(name: string): ConfigProblem {
  const known = optionOf(name) !== undefined;
  return {
    key: "URL",
    problem: known
      ? `has ${name} with a value that the driver does not take`
      : `has ${name}, which is no option`,
    nearest: known ? undefined : nearest(name, optionNames),
  };
}

function isTaken(url: string, options: MongoClientOptions = {}): boolean {
  try {
    new MongoClient(url, options);
    return true;
  } catch {
    return false;
  }
}
