import { ConfigError } from "../base/errors/mod.ts";
import { type NamesOf, namesOf, unknownNames } from "../base/known_names.ts";
import type { AnyModel } from "../model/types.ts";
import type { SessionOptions } from "./sessions.ts";
import type { ConnectionParts, ConnectOptions } from "./types.ts";

const SESSION: NamesOf<SessionOptions> = { useScoped: true, scopeFunc: true };
const CONNECT: NamesOf<ConnectOptions> = {
  ...SESSION,
  createSession: true,
  sessionOptions: true,
  models: true,
  onQuery: true,
  logValues: true,
  slowQuery: true,
  onSlowQuery: true,
  explain: true,
  onReplicaChange: true,
  telemetry: true,
  source: true,
};
const PARTS: NamesOf<ConnectionParts<readonly AnyModel[]>> = {
  models: true,
  config: true,
  client: true,
  replicas: true,
  session: true,
};

/** The options of each call on a connection. */
const OPTIONS: Readonly<
  Record<
    "connect" | "createSession" | "createDb" | "the constructor",
    ReadonlySet<string>
  >
> = {
  connect: namesOf(CONNECT),
  createSession: namesOf(SESSION),
  createDb: namesOf({ verify: true, models: true }),
  "the constructor": namesOf(PARTS),
};

/**
 * Checks the names of the options of a call: in untyped code a misspelled option
 * would have no effect.
 *
 * @param more the names of further options
 * @throws {ConfigError} with every unknown option and the most similar known one
 */
export function assertOptionNames(
  call: keyof typeof OPTIONS,
  options: unknown,
  more: readonly string[] = [],
): void {
  const source = `Invalid options of ${call}`;
  if (
    typeof options !== "object" || options === null || Array.isArray(options)
  ) {
    const [example] = OPTIONS[call];
    throw new ConfigError(source, [{
      key: "the options",
      problem: `must be an object like { ${example}: … }`,
    }]);
  }
  const known = new Set([...OPTIONS[call], ...more]);
  const unknown = unknownNames(options, known);
  if (unknown.length === 0) return;
  throw new ConfigError(
    source,
    unknown.map(({ name, nearest }) => ({
      key: name,
      problem: `is not an option; the options are ${[...known].join(", ")}`,
      nearest,
    })),
  );
}
