import { createReadStream } from "node:fs";
import { createGunzip } from "node:zlib";
import { ValidationError } from "../base/errors/mod.ts";
import { alertFromJson, placed, type ZtfAlert } from "./alert.ts";
import { alertsFromAvro } from "./avro.ts";

/**
 * The alerts in a file: `.avro`, `.json`, or one JSON a line in `.ndjson`,
 * which may be compressed as `.ndjson.gz`; the last two are read as they are
 * asked for.
 *
 * @param path the file, from the current folder
 * @throws {ValidationError} for an alert that cannot be read, with the file and the line
 */
export async function* readAlerts(path: string): AsyncGenerator<ZtfAlert> {
  if (path.endsWith(".avro")) {
    const bytes = await Deno.readFile(path);
    yield* await located(path, () => alertsFromAvro(bytes));
  } else if (path.endsWith(".json")) {
    const text = await Deno.readTextFile(path);
    yield await located(path, () => alertFromJson(text));
  } else {
    let number = 0;
    for await (const line of linesOf(path)) {
      number++;
      if (line === "") continue;
      yield await located(
        `${path}, line ${number}`,
        () => alertFromJson(line),
        number - 1,
      );
    }
  }
}

/** Makes the errors of a reading say where it was. */
async function located<T>(
  place: string,
  read: () => T | Promise<T>,
  index = 0,
): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw error instanceof ValidationError
      ? placed(error, index, ` (${place})`)
      : error;
  }
}

async function* linesOf(path: string): AsyncGenerator<string> {
  const text = new TextDecoder("utf-8", { fatal: true });
  let parts: string[] = [];
  for await (const bytes of bytesOf(path)) {
    const [end = "", ...lines] = decoded(text, bytes, path).split("\n");
    parts.push(end);
    if (lines.length === 0) continue;
    yield parts.join("").trim();
    parts = [lines.pop() ?? ""];
    for (const line of lines) yield line.trim();
  }
  yield parts.join("").trim();
}

/** A file's bytes, unpacked where its name says so. */
async function* bytesOf(path: string): AsyncGenerator<Uint8Array> {
  const file = createReadStream(path);
  // Node's way to unpack reads files of several parts, as `cat` and bgzip make them.
  const parts = path.endsWith(".gz") ? file.pipe(createGunzip()) : file;
  // pipe() hands on no error; the loop below hears of its own alone.
  file.on("error", (error) => parts.destroy(error));
  parts.on("error", () => {});
  try {
    yield* parts;
  } catch (error) {
    throw unreadable(path, error);
  }
}

function decoded(text: TextDecoder, bytes: Uint8Array, path: string): string {
  try {
    return text.decode(bytes, { stream: true });
  } catch (error) {
    throw unreadable(path, error);
  }
}

function unreadable(path: string, cause: unknown): ValidationError {
  const problem = {
    index: 0,
    field: "packet",
    value: undefined,
    reason: `cannot be read (${path}): ${
      cause instanceof Error ? cause.message : String(cause)
    }`,
  };
  return new ValidationError("alert", [problem], { cause });
}
