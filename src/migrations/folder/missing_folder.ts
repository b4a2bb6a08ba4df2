import { readdir } from "node:fs/promises";
import { basename, dirname, join, normalize } from "node:path";
import { MigrationError } from "../../base/errors/mod.ts";
import { EXIT } from "../../base/errors/exit_codes.ts";
import type { MigrationTarget } from "../../engine/migrations/mod.ts";
import { nearest } from "../../base/nearest.ts";

/** That the folder is not there, and what was probably meant. */
export async function noFolder(
  target: Pick<MigrationTarget, "dialect" | "history" | "place">,
  directory: string,
): Promise<MigrationError> {
  const { dialect, place } = target;
  const path = join(directory, dialect.folder);
  return new MigrationError(
    `There is no folder of migrations ${path}${
      await closeTo(dialect.folder, directory) ??
        adviceFor((await target.history()).length, place)
    }`,
    { exitCode: EXIT.invalid },
  );
}

/** What there is where it was looked for; undefined where nothing resembles it. */
async function closeTo(
  engine: string,
  directory: string,
): Promise<string | undefined> {
  const inside = await foldersIn(directory);
  const [name, above] = [
    basename(normalize(directory)),
    dirname(normalize(directory)),
  ];
  if (inside !== undefined) {
    if (name === engine) {
      return `: name the folder above, with --migrations ${above}`;
    }
    return inside.length === 0
      ? undefined
      : `; what ${directory} has is ${
        inside.join(", ")
      }: --db chooses the database, --migrations the folder`;
  }
  const close = nearest(name, await foldersIn(above) ?? []);
  if (close === undefined) return undefined;
  if (close === engine) {
    return `: name the folder above, with --migrations ${above}`;
  }
  const meant = join(above, close);
  return (await foldersIn(meant))?.includes(engine)
    ? `; did you mean ${meant}?`
    : undefined;
}

/** A history was begun from files, which are somewhere. */
function adviceFor(known: number, place: string): string {
  return known === 0
    ? "; `dbp initdb` begins the history there, --migrations names another folder"
    : `, but ${place} has a history of ${known} migration${
      known === 1 ? "" : "s"
    }: name their folder with --migrations`;
}

/** Undefined where there is no such folder. */
async function foldersIn(path: string): Promise<string[] | undefined> {
  try {
    const entries = await readdir(path, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory())
      .map(({ name }) => name).filter((name) => !name.startsWith("."));
  } catch {
    return undefined;
  }
}
