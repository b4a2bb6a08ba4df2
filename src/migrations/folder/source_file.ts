import { stat } from "node:fs/promises";
import {
  LimitError,
  messageOf,
  MigrationError,
} from "../../base/errors/mod.ts";
import { EXIT } from "../../base/errors/exit_codes.ts";
import type { MigrationDialect, Script } from "../../engine/migrations/mod.ts";
import { readSmallFile } from "../../base/read_small_file.ts";
import type { Problem } from "../report/reports.ts";

/** A file and its content. */
export interface SourceFile {
  /** The path, for messages. */
  readonly path: string;
  readonly text: string;
  readonly script: Script;
}

/** Reads a file. Returns what is wrong with it if it is invalid. */
export async function readSource(
  dialect: MigrationDialect,
  path: string,
): Promise<SourceFile | Problem> {
  const refused = (problem: string): Problem => ({
    exitCode: EXIT.invalid,
    kind: "file",
    file: path,
    problem,
  });
  let bytes: Uint8Array;
  try {
    // Reading a pipe would wait forever.
    if (!(await stat(path)).isFile()) {
      return refused(`${path} is not a regular file`);
    }
    bytes = await readSmallFile(path);
  } catch (error) {
    if (error instanceof LimitError) return refused(error.message);
    return refused(`Cannot read ${path}: ${messageOf(error)}`);
  }
  const text = decoded(bytes);
  if (text === undefined) return refused(`${path} is not UTF-8`);
  try {
    return { path, text, script: dialect.parse(text, path) };
  } catch (error) {
    if (error instanceof MigrationError) return refused(error.message);
    throw error;
  }
}

function decoded(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
      .decode(bytes);
  } catch {
    return undefined;
  }
}
