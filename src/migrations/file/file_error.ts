import { MigrationError, suggestionText } from "../../base/errors/mod.ts";
import { EXIT } from "../../base/errors/exit_codes.ts";

/** Where in a file something stands. */
export interface Place {
  /** The file's name, for errors. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

/** An error about a file, with its line; `dbp` ends with 4. */
export function fileError(
  { file, line }: Place,
  problem: string,
  suggestion?: string,
): MigrationError {
  return new MigrationError(
    `${file}:${line}: ${problem}${suggestionText(suggestion)}`,
    { exitCode: EXIT.invalid },
  );
}
