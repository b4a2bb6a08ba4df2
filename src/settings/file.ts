import { stat } from "node:fs/promises";
import { extname } from "node:path";
import { pathToFileURL } from "node:url";
import { ConfigError, LimitError, messageOf } from "../base/errors/mod.ts";
import { assertSmallFile, readSmallFile } from "../base/read_small_file.ts";
import { withoutCredentials } from "../base/url_secrets.ts";
import { loadModule } from "../base/load_module.ts";

/** The extensions of settings files. */
const EXTENSIONS = [".ts", ".mts", ".js", ".mjs", ".json"];
/** An invalid URL, which may hold a password anywhere. */
const INVALID_URL = /(Invalid URL).*$/gm;
/** The time at the end of the file's URL. */
const TIME = /#\d+(?:\.\d+)?(?=[":]|$)/gm;
/** Deno's error for an import that it cannot resolve. */
const UNRESOLVED = /^(?:Import|Relative import path) "([^"]+)"/;
/** Deno's error for a package that is missing from the lock file. */
const UNLOCKED = /^The lockfile is out of date/;

/**
 * Returns the exports of a settings file, unchecked.
 *
 * @throws {ConfigError} with the error of the runtime, but without any text of
 * the file that could be a password; with a `LimitError` as its cause if the
 * file is too large
 */
export async function readSettingsFile(file: string): Promise<unknown> {
  if (!EXTENSIONS.includes(extname(file))) {
    throw fileError(
      file,
      `is not a settings file: its name must end in ${EXTENSIONS.join(", ")}`,
    );
  }
  try {
    const { mtimeMs, size } = await stat(file);
    assertSmallFile(file, size);
    if (file.endsWith(".json")) {
      return JSON.parse(new TextDecoder().decode(await readSmallFile(file)));
    }
    // With the modification time in the URL, a process that reads settings again gets the new version.
    return await loadModule(() =>
      import(`${pathToFileURL(file).href}#${mtimeMs}`)
    );
  } catch (error) {
    throw error instanceof LimitError
      ? fileError(
        file,
        `is too large: it has ${error.got} bytes or more, and the limit is ${error.allowed} (8 MiB)`,
        error,
      )
      : fileError(file, problemText(error));
  }
}

function fileError(
  file: string,
  problem: string,
  cause?: LimitError,
): ConfigError {
  return new ConfigError(
    `Invalid settings file ${file}`,
    [{ key: "the file", problem }],
    cause === undefined ? {} : { cause },
  );
}

function problemText(error: unknown): string {
  const message = messageOf(error);
  const [first = ""] = withoutCredentials(message)
    .replaceAll(INVALID_URL, "$1").replaceAll(TIME, "").split("\n");
  if (first.includes("does not provide an export named")) {
    return `cannot be loaded: ${first.replace(/^SyntaxError: /, "")}`;
  }
  if (error instanceof SyntaxError || message.startsWith("SyntaxError")) {
    return `cannot be parsed${positionText(message)}`;
  }
  if (error instanceof ReferenceError) {
    // The name may be a password without quotes.
    return `uses a name that is not defined${
      positionText(error.stack ?? "")
    }. Quotes may be missing`;
  }
  return UNRESOLVED.test(first) || UNLOCKED.test(first)
    ? importProblem(UNRESOLVED.exec(first)?.[1])
    : `cannot be loaded: ${first}`;
}

/** The problem and the fix for an import that cannot be resolved. */
function importProblem(name: string | undefined): string {
  const imported = name ?? "a package that the project does not have";
  if (Deno.build.standalone) {
    return `imports ${imported}, but a compiled dbp can import only @alerce/db-plugins and files. Run dbp with Deno to import packages`;
  }
  const registry = name?.startsWith("@alerce/") ? "jsr" : "npm";
  const specifier = `${registry}:${name ?? "NAME"}`;
  return `imports ${imported}, which Deno cannot resolve. Add it to deno.json with \`deno add ${specifier}\`${
    name === undefined ? "" : `, or import it as "${specifier}"`
  }`;
}

function positionText(text: string): string {
  const [, line, column] = /:(\d+):(\d+)\)?\s*$/m.exec(text) ??
    /line (\d+) column (\d+)/.exec(text) ?? [];
  return line === undefined ? "" : ` at line ${line}, column ${column}`;
}
