import { ValidationError } from "../../base/errors/mod.ts";
import { findFiles } from "../../load/input/find_files.ts";

/**
 * Returns the files that the paths of a command name.
 *
 * @param what what is loaded, for the error: `alerts`, or the name of a model
 * @throws {ValidationError} if a path names no file
 */
export function inputFiles(
  what: string,
  paths: readonly string[],
): Promise<readonly string[]> {
  return findFiles(paths, (path) =>
    new ValidationError(
      what,
      [{
        index: 0,
        field: path,
        value: path,
        reason:
          "is neither a file nor a folder or pattern with files; a pattern like 'nights/**/*.csv' includes subfolders",
      }],
      { isOneRow: true, action: "load" },
    ));
}
