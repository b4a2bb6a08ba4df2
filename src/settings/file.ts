import { stat } from "node:fs/promises";
import { extname } from "node:path";
import { pathToFileURL } from "node:url";
import { ConfigError } from "../base/errors/mod.ts";

/** What a settings file may be. */
const KINDS = [".ts", ".mts", ".js", ".mjs", ".json"];
/** Credentials in a URL, wherever one may stand. */
const CREDENTIALS = /:\/\/[^\s/@'"]*@/g;
/** A URL that cannot be read may hold a password anywhere. */
const INVALID_URL = /(Invalid URL).*$/gm;
/** The time that the file's address ends in. */
const TIME = /#\d+(?:\.\d+)?(?=[":]|$)/gm;
/** What Deno says of an import by a name that nothing explains. */
const UNRESOLVED = /^(?:Import|Relative import path) "([^"]+)"/;
/** What Deno says of a package that the lock file of the project does not hold. */
const UNLOCKED = /^The lockfile is out of date/;

/**
 * Reads what a settings file exports, unchecked.
 *
 * @throws {ConfigError} with what the runtime says of the file, but no line of
 * it and no word of it that could be a password
 */
export async function readSettingsFile(file: string): Promise<unknown> {
  if (!KINDS.includes(extname(file))) {
    throw invalid(
      file,
      `is no settings file: it must end in ${KINDS.join(", ")}`,
    );
  }
  try {
    if (file.endsWith(".json")) {
      return JSON.parse(await Deno.readTextFile(file));
    }
    const { mtimeMs } = await stat(file);
    // The time of its last change is in the address, so that a process that reads settings twice sees the newer ones.
    return await import(`${pathToFileURL(file).href}#${mtimeMs}`);
  } catch (error) {
    throw invalid(file, problemOf(error));
  }
}

function invalid(file: string, problem: string): ConfigError {
  return new ConfigError(`Invalid settings file ${file}`, [{
    key: "the file",
    problem,
  }]);
}

function problemOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const [first = ""] = message.replaceAll(CREDENTIALS, "://…@")
    .replaceAll(INVALID_URL, "$1").replaceAll(TIME, "").split("\n");
  if (first.includes("does not provide an export named")) {
    return `cannot be loaded: ${first.replace(/^SyntaxError: /, "")}`;
  }
  if (error instanceof SyntaxError || message.startsWith("SyntaxError")) {
    return `cannot be parsed${placeIn(message)}`;
  }
  if (error instanceof ReferenceError) {
    // The name may be a password whose quotes were forgotten.
    return `uses a name that is not defined${
      placeIn(error.stack ?? "")
    }; is it a text without quotes?`;
  }
  return UNRESOLVED.test(first) || UNLOCKED.test(first)
    ? unresolved(UNRESOLVED.exec(first)?.[1])
    : `cannot be loaded: ${first}`;
}

/** What to do about an import that leads nowhere. */
function unresolved(name: string | undefined): string {
  const what = name ?? "a package that the project does not have";
  if (Deno.build.standalone) {
    return `imports ${what}, but a compiled dbp can import only @alerce/db-plugins and files; run dbp with Deno for more`;
  }
  const registry = name?.startsWith("@alerce/") ? "jsr" : "npm";
  const added = `${registry}:${name ?? "NAME"}`;
  return `imports ${what}, which is not found from there: add it to deno.json with \`deno add ${added}\`${
    name === undefined ? "" : `, or import it as "${added}"`
  }`;
}

function placeIn(text: string): string {
  const [, line, column] = /:(\d+):(\d+)\)?\s*$/m.exec(text) ??
    /line (\d+) column (\d+)/.exec(text) ?? [];
  return line === undefined ? "" : ` at line ${line}, column ${column}`;
}
