import { ValidationError } from "../base/errors/mod.ts";
import { avroAlerts } from "./avro_alerts.ts";
import { packetFromJson } from "./json_packet.ts";
import { withIndex } from "./packet.ts";
import { fileBytes } from "../files/read/file_bytes.ts";
import { beyond, type Limits } from "../files/read/limits.ts";
import { fileLines } from "../files/read/lines.ts";
import { readError } from "../files/read/packet_error.ts";

/** Receives an alert that cannot be read, with its line; undefined if the file has no lines. A promise that it returns is awaited. */
export type OnUnreadable = (
  error: ValidationError,
  line: number | undefined,
) => void | Promise<void>;

/** Returns the alert of a decoded packet. */
export type AlertOf<Alert> = (packet: unknown) => Alert;

/**
 * Reads the alerts of a file: `.avro`, `.json`, or one JSON object a line.
 *
 * @param onUnreadable receives alerts that cannot be read in place of an error;
 * the rest of a file without lines is then skipped
 */
export async function* alertsOf<Alert>(
  path: string,
  limits: Limits,
  alertOf: AlertOf<Alert>,
  onUnreadable?: OnUnreadable,
): AsyncGenerator<Alert> {
  const refuse = async (error: unknown, line?: number): Promise<void> => {
    if (onUnreadable === undefined || !(error instanceof ValidationError)) {
      throw error;
    }
    await onUnreadable(error, line);
  };
  if (!path.endsWith(".avro") && !path.endsWith(".json")) {
    for await (const { number, text } of fileLines(path, limits)) {
      const location = `${path}, line ${number}`;
      let alert: Alert;
      try {
        alert = await withLocation(
          location,
          () => alertOf(packetFromJson(text, location, limits)),
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
    ? avroAlerts(fileBytes(path, limits), path, limits, alertOf)
    : jsonAlert(path, limits, alertOf);
  for (let index = 0;; index++) {
    let next: IteratorResult<Alert>;
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
async function* jsonAlert<Alert>(
  path: string,
  limits: Limits,
  alertOf: AlertOf<Alert>,
): AsyncGenerator<Alert> {
  yield alertOf(packetFromJson(await readText(path, limits), path, limits));
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
