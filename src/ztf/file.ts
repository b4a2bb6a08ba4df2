import { alertFromJson, type ZtfAlert } from "./alert.ts";
import { alertsFromAvro } from "./avro.ts";

/**
 * The alerts in a file: `.avro`, `.json`, or one JSON a line in `.ndjson`,
 * which may be compressed as `.ndjson.gz`; the last two are read as they are
 * asked for.
 *
 * @param path the file, from the current folder
 * @throws {ValidationError} for an alert that cannot be read
 */
export async function* readAlerts(path: string): AsyncGenerator<ZtfAlert> {
  if (path.endsWith(".avro")) {
    yield* await alertsFromAvro(await Deno.readFile(path));
  } else if (path.endsWith(".json")) {
    yield alertFromJson(await Deno.readTextFile(path));
  } else {
    for await (const line of linesOf(path)) {
      if (line !== "") yield alertFromJson(line);
    }
  }
}

async function* linesOf(path: string): AsyncGenerator<string> {
  const { readable } = await Deno.open(path);
  const bytes = path.endsWith(".gz")
    ? readable.pipeThrough(new DecompressionStream("gzip"))
    : readable;
  let rest = "";
  for await (const text of bytes.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) yield line.trim();
  }
  yield rest.trim();
}
