import { ValidationError } from "../base/errors/mod.ts";
import { packetFromJson, withIndex, type ZtfAlert } from "./alert.ts";
import { avroAlerts } from "./avro.ts";
import { fileBytes } from "../files/read/file_bytes.ts";
import {
  type AlertLimits,
  beyond,
  type Limits,
  limitsOf,
} from "../files/read/limits.ts";
import { fileLines } from "../files/read/lines.ts";
import { readError } from "../files/read/packet_error.ts";

/**
 * Reads the alerts of a file: `.avro`, `.json`, or one JSON object a line in
 * `.ndjson` or `.ndjson.gz`. A file is read lazily: block by block, or line by
 * line.
 *
 * @param path the file, relative to the current folder
 * @param limits what a line, a block, and a packet may contain at most
 * @throws {ValidationError} if an alert cannot be read, with the file and the line
 * @throws {LimitError} if the file exceeds a limit, with the file and the line or block
 * @example
 * ```ts
 * import { LimitError } from "@alerce/db-plugins";
 * import { readAlerts } from "@alerce/db-plugins/ztf";
 * import assert from "node:assert/strict";
 *
 * const alerts = readAlerts("examples/data/ztf_alerts_small.ndjson.gz", {
 *   maxLine: 1_000,
 * });
 * await assert.rejects(Array.fromAsync(alerts), LimitError);
 * ```
 */
export async function* readAlerts(
  path: string,
  limits: AlertLimits = {},
): AsyncGenerator<ZtfAlert> {
  yield* alertsOf(path, limitsOf("readAlerts", limits));
}

/** Receives an alert that cannot be read, with its line; undefined if the file has no lines. A promise that it returns is awaited. */
export type OnUnreadable = (
  error: ValidationError,
  line: number | undefined,
) => void | Promise<void>;

/**
 * Reads the alerts of a file, see {@link readAlerts}.
 *
 * @param onUnreadable receives alerts that cannot be read in place of an error;
 * the rest of a file without lines is then skipped
 */
export async function* alertsOf(
  path: string,
  limits: Limits,
  onUnreadable?: OnUnreadable,
): AsyncGenerator<ZtfAlert> {
  const refuse = async (error: unknown, line?: number): Promise<void> => {
    if (onUnreadable === undefined || !(error instanceof ValidationError)) {
      throw error;
    }
    await onUnreadable(error, line);
  };
  if (!path.endsWith(".avro") && !path.endsWith(".json")) {
    for await (const { number, text } of fileLines(path, limits)) {
      const location = `${path}, line ${number}`;
      let alert: ZtfAlert;
      try {
        alert = await withLocation(
          location,
          () => packetFromJson(text, location, limits),
          number - 1,
        );
      } catch (error) {
        await refuse(error, number);
        continue;
      }
      yield alert;
    }
    return;
  }
  const alerts = path.endsWith(".avro")
    ? avroAlerts(fileBytes(path, limits), path, limits)
    : jsonAlert(path, limits);
  for (let index = 0;; index++) {
    let next: IteratorResult<ZtfAlert>;
    try {
      next = await withLocation(path, () => alerts.next(), index);
    } catch (error) {
      return await refuse(error);
    }
    if (next.done === true) return;
    yield next.value;
  }
}

/** Yields the alert of a file of one packet. */
async function* jsonAlert(
  path: string,
  limits: Limits,
): AsyncGenerator<ZtfAlert> {
  yield packetFromJson(await readText(path, limits), path, limits);
}

/** Reads, and adds the location to errors. */
async function withLocation<T>(
  location: string,
  read: () => T | Promise<T>,
  index = 0,
): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw error instanceof ValidationError
      ? withIndex(error, index, ` (${location})`)
      : error;
  }
}

/** Reads a file of one packet. */
async function readText(path: string, limits: Limits): Promise<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let [text, size] = ["", 0];
  try {
    for await (const bytes of fileBytes(path, limits)) {
      size += bytes.length;
      if (size > limits.maxLine) throw beyond("maxLine", limits, path);
      text += decoder.decode(bytes, { stream: true });
    }
    return text + decoder.decode();
  } catch (error) {
    throw error instanceof TypeError ? readError(path, error) : error;
  }
}
