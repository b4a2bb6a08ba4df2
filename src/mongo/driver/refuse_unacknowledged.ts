import { ConfigError } from "../../base/errors/mod.ts";
import type { MongoConfig } from "./config.ts";

/**
 * Refuses a write concern of `w: 0`. The server would not acknowledge writes:
 * all counts would be wrong, and no error would arrive.
 *
 * @param client the ready-made client, if there is one
 * @throws {ConfigError} with the keys that set it
 */
export function refuseUnacknowledged(
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
    ["WRITE_CONCERN", property(options.writeConcern, "w")],
    ["URL", inUrl],
    ["client", property(property(client, "writeConcern"), "w")],
  ];
  const problems = given.filter(([, value]) => isZero(value)).map(([key]) => ({
    key,
    problem:
      'sets w: 0, so the server would not acknowledge writes or report errors. Use 1 or more, or "majority"',
  }));
  if (problems.length > 0) throw new ConfigError(source, problems);
}

function property(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null
    ? Reflect.get(value, name)
    : undefined;
}

/** Whether a value is 0, as a number or as the text of an environment variable. */
function isZero(value: unknown): boolean {
  return (typeof value === "number" || typeof value === "string") &&
    value !== "" && Number(value) === 0;
}
