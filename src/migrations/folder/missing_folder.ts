import { readdir } from "node:fs/promises";
import { basename, dirname, join, normalize } from "node:path";
import { MigrationError } from "../../base/errors/mod.ts";
import { EXIT } from "../../base/errors/exit_codes.ts";
import type { MigrationTarget } from "../../engine/migrations/mod.ts";
import { nearest } from "../../base/nearest.ts";
import { commandHint } from "../../base/hints.ts";

/** Returns the error for a missing migrations folder, with a suggestion. */
export async function missingFolderError(
  target: Pick<MigrationTarget, "dialect" | "history" | "place">,
  directory: string,
): Promise<MigrationError> {
  const { dialect, place } = target;
  const path = join(directory, dialect.folder);
  return new MigrationError(
    `Cannot find the migrations folder ${path}${
      await similarFolder(dialect.folder, directory) ??
        adviceFor((await target.history()).length, place)
    }`,
    { exitCode: EXIT.invalid },
  );
}

/** Describes a similar folder; undefined if there is none. */
async function similarFolder(
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
      return `: use its parent folder, with --migrations ${above}`;
    }
    return inside.length === 0
      ? undefined
      : `: ${directory} contains only ${
        inside.join(", ")
      }. Use --db for another database, or --migrations for another folder`;
  }
  const close = nearest(name, await foldersIn(above) ?? []);
  if (close === undefined) return undefined;
  if (close === engine) {
    return `: use its parent folder, with --migrations ${above}`;
  }
  const similar = join(above, close);
  return (await foldersIn(similar))?.includes(engine)
    ? `; did you mean ${similar}?`
    : undefined;
}

/** A database with a history has files in another folder. */
function adviceFor(known: number, place: string): string {
  return known === 0
    ? `. ${
      commandHint("initdb")
    } creates it and begins the history; use --migrations for another folder`
    : `, but ${place} has a history of ${known} migration${
      known === 1 ? "" : "s"
    }. Use --migrations for the folder of their files`;
}

/** Returns the names of the folders in a folder; undefined if it does not exist. */
async function foldersIn(path: string): Promise<string[] | undefined> {
  try {
    const entries = await readdir(path, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory())
      .map(({ name }) => name).filter((name) => !name.startsWith("."));
  } catch {
    return undefined;
  }
}
