import { MigrationError, suggestionText } from "../../base/errors/mod.ts";
import { EXIT } from "../../base/errors/exit_codes.ts";

/** A position in a file. */
export interface Position {
  /** The name of the file, for errors. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

/** Returns an error at a position in a file, with exit code 4. */
export function fileError(
  { file, line }: Position,
  problem: string,
  suggestion?: string,
): MigrationError {
  return new MigrationError(
    `${file}:${line}: ${problem}${suggestionText(suggestion)}`,
    { exitCode: EXIT.invalid },
  );
}
