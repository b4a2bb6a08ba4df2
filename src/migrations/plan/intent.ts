import { MigrationError, suggestionText } from "../../base/errors/mod.ts";
import { EXIT } from "../../base/errors/exit_codes.ts";
import type { Decision, Intent } from "../../engine/migrations/mod.ts";
import { managedName } from "./managed_names.ts";
import { type Held, heldBy, type Renames, underNewNames } from "./renames.ts";
import type { AnyModel } from "../../model/types.ts";
import { nearest } from "../../base/nearest.ts";

/** The dropped and the added objects of one kind, which may be renames. */
interface Replaced {
  /** The kind in the words of the engine: `table`. */
  readonly what: string;
  readonly dropped: readonly string[];
  readonly added: readonly string[];
}

/** Returns the questions about dropped objects that the user did not confirm. */
export function dropQuestions(
  { what, dropped, added }: Replaced,
  { drops }: Intent,
): Decision[] {
  return dropped.filter((name) => !drops.has(name)).map((name) => ({
    question: dropQuestion(name, what, added),
    options: [
      ...added.map((to) => `--rename ${name}=${to}`),
      `--drop ${name}`,
    ],
  }));
}

function dropQuestion(
  name: string,
  what: string,
  added: readonly string[],
): string {
  const [one, ...others] = added;
  if (one === undefined) return `Should ${name} be dropped with all its data?`;
  return others.length === 0
    ? `Is ${one} the new name of the ${what} ${name}, or is ${name} dropped and ${one} added?`
    : `Is one of ${
      added.join(", ")
    } the new name of the ${what} ${name}, or is ${name} dropped?`;
}

/** All names that options can refer to. */
export interface KnownNames {
  /** The names that models managed, from the history. */
  readonly managed: Iterable<string>;
  readonly models: readonly AnyModel[];
  readonly live: Held;
  readonly renames: Renames;
}

/**
 * Checks that the objects to drop and the columns to fill exist, existed
 * earlier, or are in the models. What is already done is accepted.
 *
 * @throws {MigrationError} with exit code 64 and the nearest name
 */
export function assertKnownNames(
  intent: Intent,
  { live, managed, models, renames }: KnownNames,
): void {
  const tables = new Set([
    ...live.keys(),
    ...models.map(({ table }) => table),
  ]);
  const columns = new Set([...columnsOf(live), ...columnsOf(heldBy(models))]);
  const all = [
    ...tables,
    ...columns,
    ...managed,
    ...underNewNames(managed, renames),
  ];
  const known = new Set([
    ...all,
    ...tableRenames(intent, models).flatMap(([from, to]) =>
      all.filter((name) => name.startsWith(`${from}.`))
        .map((name) => to + name.slice(from.length))
    ),
  ]);
  const knownColumns = new Set(
    [...known].filter((name) => columns.has(name) || !tables.has(name)),
  );
  const requested = [
    ...[...intent.drops].map((name) => ["--drop", name, known] as const),
    ...[...intent.defaults.keys()].map((name) =>
      ["--default", name, knownColumns] as const
    ),
  ];
  for (const [option, name, names] of requested) {
    if (names.has(name)) continue;
    throw new MigrationError(
      `Cannot use ${option} ${name}: ${
        known.has(name)
          ? "it is not a column"
          : "neither the database nor a model has it"
      }${suggestionText(nearest(name, names))}`,
      { exitCode: EXIT.usage },
    );
  }
}

function columnsOf(held: Held): string[] {
  return [...held].flatMap(([table, columns]) =>
    [...columns].map((column) => managedName.column(table, column))
  );
}

/** Old and new names of tables, renamed already or not. */
function tableRenames(
  { renames }: Intent,
  models: readonly AnyModel[],
): (readonly [string, string])[] {
  return [
    ...renames,
    ...models.flatMap(({ table, renamedFrom }) =>
      renamedFrom === undefined ? [] : [[renamedFrom, table] as const]
    ),
  ];
}
