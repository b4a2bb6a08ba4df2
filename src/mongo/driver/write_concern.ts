import { ConfigError } from "../../base/errors/mod.ts";
import type { MongoConfig } from "./config.ts";

/**
 * Refuses writes that the server does not answer (`w` of 0): every count would
 * be false, and no error would come.
 *
 * @param client the ready-made client, where there is one
 * @throws {ConfigError} naming what says so
 */
export function refuseUnanswered(
  { url, options }: MongoConfig,
  client: unknown,
  source: string,
): void {
  const [, query = ""] = url.split("?");
  const inUrl = [...new URLSearchParams(query)]
    .find(([name]) => name.toLowerCase() === "w")?.[1];
  const given: readonly (readonly [string, unknown])[] = [
    ["W", options.w],
    ["WRITE_CONCERN", options.writeConcern],
    ["WRITE_CONCERN", within(options.writeConcern, "w")],
    ["URL", inUrl],
    ["client", within(within(client, "writeConcern"), "w")],
  ];
  const problems = given.filter(([, value]) => isNought(value)).map((
    [key],
  ) => ({
    key,
    problem:
      'asks for writes that are not answered (w: 0), of which nothing could be told; 1 is the least, and "majority" the usual',
  }));
  if (problems.length > 0) throw new ConfigError(source, problems);
}

function within(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null
    ? Reflect.get(value, name)
    : undefined;
}

/** Also as text, which a variable of the environment gives. */
function isNought(value: unknown): boolean {
  return (typeof value === "number" || typeof value === "string") &&
    value !== "" && Number(value) === 0;
}
