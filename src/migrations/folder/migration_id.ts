import { MigrationError } from "../../base/errors/mod.ts";
import { EXIT } from "../../base/errors/exit_codes.ts";
import { nearest } from "../../base/nearest.ts";

/** How many migrations an error lists: the most recent ones. */
const LISTED = 10;

/**
 * Returns the migration that a person names by its id, its time, its name, or
 * the beginning of one.
 *
 * @param what the kind of the migrations: `applied migration`
 * @throws {MigrationError} with exit code 64, naming the nearest or the existing
 * ones
 */
export function resolveId(
  given: string,
  ids: readonly string[],
  what: string,
): string {
  const matching = matches(given, ids);
  const [only] = matching;
  if (only !== undefined && matching.length === 1) return only;
  const close = nearest(given, ids) ??
    ids.find((id) => nameOf(id) === nearest(given, ids.map(nameOf)));
  const problem = matching.length > 1
    ? `"${given}" matches several migrations: ${listText(matching)}`
    : `No ${what} matches "${given}"; ${
      close
        ? `did you mean ${close}?`
        : ids.length === 0
        ? `there is no ${what}`
        : `existing: ${listText(ids)}`
    }`;
  throw new MigrationError(problem, { exitCode: EXIT.usage });
}

/** Returns the best matches: by the id, its beginning, the name, or its beginning. */
function matches(given: string, ids: readonly string[]): readonly string[] {
  if (given === "") return [];
  const tests: ((id: string) => boolean)[] = [
    (id) => id === given,
    (id) => id.startsWith(given),
    (id) => nameOf(id) === given,
    (id) => nameOf(id).startsWith(given),
  ];
  return tests.map((is) => ids.filter(is)).find(({ length }) => length > 0) ??
    [];
}

function listText(ids: readonly string[]): string {
  const more = ids.length - LISTED;
  const shown = ids.slice(-LISTED).join(", ");
  return more > 0 ? `${shown} and ${more} older ones` : shown;
}

/** Returns the name in the id of a migration. */
function nameOf(id: string): string {
  return id.slice(id.indexOf("_") + 1);
}
