import { type RowProblem, ValidationError } from "../errors.ts";
import { alertFromJson, type ZtfAlert } from "./alert.ts";
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
    if (!(error instanceof ValidationError)) throw error;
    const rows = error.rows.map((problem): RowProblem => ({
      ...problem,
      index,
      reason: `${problem.reason} (${place})`,
    }));
    throw new ValidationError(error.model, rows, { cause: error.cause });
  }
}

async function* linesOf(path: string): AsyncGenerator<string> {
  const { readable } = await Deno.open(path);
  const bytes = path.endsWith(".gz")
    ? readable.pipeThrough(new DecompressionStream("gzip"))
    : readable;
  let rest = "";
  for await (
    const text of bytes.pipeThrough(
      new TextDecoderStream("utf-8", { fatal: true }),
    )
  ) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) yield line.trim();
  }
  yield rest.trim();
}
