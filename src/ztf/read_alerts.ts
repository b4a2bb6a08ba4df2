import { createReadStream } from "node:fs";
import { createGunzip } from "node:zlib";
import { ValidationError } from "../base/errors/mod.ts";
import { alertFromJson, withIndex, type ZtfAlert } from "./alert.ts";
import { alertsFromAvro } from "./avro.ts";

/**
 * Reads the alerts of a file: `.avro`, `.json`, or one JSON object a line in
 * `.ndjson` or `.ndjson.gz`. The last two are read lazily.
 *
 * @param path the file, relative to the current folder
 * @throws {ValidationError} if an alert cannot be read, with the file and the line
 */
export async function* readAlerts(path: string): AsyncGenerator<ZtfAlert> {
  if (path.endsWith(".avro")) {
    const bytes = await Deno.readFile(path);
    yield* await withLocation(path, () => alertsFromAvro(bytes));
  } else if (path.endsWith(".json")) {
    const text = await Deno.readTextFile(path);
    yield await withLocation(path, () => alertFromJson(text));
  } else {
    let number = 0;
    for await (const line of readLines(path)) {
      number++;
      if (line === "") continue;
      yield await withLocation(
        `${path}, line ${number}`,
        () => alertFromJson(line),
        number - 1,
      );
    }
  }
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

async function* readLines(path: string): AsyncGenerator<string> {
  const text = new TextDecoder("utf-8", { fatal: true });
  let parts: string[] = [];
  for await (const bytes of readBytes(path)) {
    const [end = "", ...lines] = decode(text, bytes, path).split("\n");
    parts.push(end);
    if (lines.length === 0) continue;
    yield parts.join("").trim();
    parts = [lines.pop() ?? ""];
    for (const line of lines) yield line.trim();
  }
  yield parts.join("").trim();
}

/** Reads the bytes of a file, decompressed if its name ends in `.gz`. */
async function* readBytes(path: string): AsyncGenerator<Uint8Array> {
  const file = createReadStream(path);
  // Node's decompression also reads files of several parts, as `cat` and bgzip create them.
  const parts = path.endsWith(".gz") ? file.pipe(createGunzip()) : file;
  // pipe() does not forward errors of the file.
  file.on("error", (error) => parts.destroy(error));
  parts.on("error", () => {});
  try {
    yield* parts;
  } catch (error) {
    throw readError(path, error);
  }
}

function decode(text: TextDecoder, bytes: Uint8Array, path: string): string {
  try {
    return text.decode(bytes, { stream: true });
  } catch (error) {
    throw readError(path, error);
  }
}

function readError(path: string, cause: unknown): ValidationError {
  const problem = {
    index: 0,
    field: "packet",
    value: undefined,
    reason: `cannot be read (${path}): ${
      cause instanceof Error ? cause.message : String(cause)
    }`,
  };
  return new ValidationError("alert", [problem], { cause, outcome: "" });
}
