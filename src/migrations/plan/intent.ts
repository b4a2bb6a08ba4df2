import { MigrationError, suggestionText } from "../../base/errors/mod.ts";
import { EXIT } from "../../base/errors/exit_codes.ts";
import type { Decision, Intent } from "../../engine/migrations/mod.ts";
import { place } from "./managed_names.ts";
import { type Held, heldBy, type Renames, underNewNames } from "./renames.ts";
import type { AnyModel } from "../../model/types.ts";
import { nearest } from "../../base/nearest.ts";

/** What goes in one place, and what comes there and may be the same under a new name. */
export interface GoneAndCome {
  /** What a person reads that it is: `table`. */
  readonly what: string;
  /** What goes. */
  readonly gone: readonly string[];
  /** What comes. */
  readonly come: readonly string[];
}

/** Questions about all that goes and that nobody said may be dropped. */
export function dropQuestions(
  { what, gone, come }: GoneAndCome,
  { drops }: Intent,
): Decision[] {
  return gone.filter((name) => !drops.has(name)).map((name) => ({
    question: dropQuestion(name, what, come),
    options: [
      ...come.map((to) => `--rename ${name}=${to}`),
      `--drop ${name}`,
    ],
  }));
}

function dropQuestion(
  name: string,
  what: string,
  come: readonly string[],
): string {
  const [one, ...others] = come;
  if (one === undefined) {
    return `Is ${name} dropped, with all that it holds?`;
  }
  return others.length === 0
    ? `Is ${one} the ${what} ${name} under a new name, or is ${name} dropped and the other one new?`
    : `Is one of ${
      come.join(", ")
    } the ${what} ${name} under a new name, or is ${name} dropped?`;
}

/** All that what may be dropped and what gets a value can be the name of. */
export interface Nameable {
  /** What models managed, by the history. */
  readonly managed: Iterable<string>;
  readonly models: readonly AnyModel[];
  readonly live: Held;
  readonly renames: Renames;
}

/**
 * Makes sure that what may be dropped, and what gets a value, is there, was
 * there once, or is to be there. What was done already is quiet.
 *
 * @throws {MigrationError} with exit code 64, naming the nearest name
 */
export function assertNamed(intent: Intent, nameable: Nameable): void {
  const tables = new Set([
    ...nameable.live.keys(),
    ...nameable.models.map(({ table }) => table),
  ]);
  const columns = new Set([
    ...columnsOf(nameable.live),
    ...columnsOf(heldBy(nameable.models)),
  ]);
  const others = [
    ...nameable.managed,
    ...underNewNames(nameable.managed, nameable.renames),
  ];
  const all = [...tables, ...columns, ...others];
  const known = new Set([
    ...all,
    ...tableRenames(intent, nameable.models).flatMap(([from, to]) =>
      all.filter((name) => name.startsWith(`${from}.`))
        .map((name) => to + name.slice(from.length))
    ),
  ]);
  const isColumn = (name: string): boolean =>
    columns.has(name) || !tables.has(name);
  const asked: (readonly [string, string, ReadonlySet<string>])[] = [
    ...[...intent.drops].map((name) => ["--drop", name, known] as const),
    ...[...intent.defaults.keys()].map((name) =>
      ["--default", name, new Set([...known].filter(isColumn))] as const
    ),
  ];
  for (const [option, name, names] of asked) {
    if (names.has(name)) continue;
    throw new MigrationError(
      `${option} ${name} names ${
        known.has(name)
          ? "no column"
          : "nothing: neither the database nor a model has it"
      }${suggestionText(nearest(name, names))}`,
      { exitCode: EXIT.usage },
    );
  }
}

function columnsOf(held: Held): string[] {
  return [...held].flatMap(([table, columns]) =>
    [...columns].map((column) => place.column(table, column))
  );
}

/** From old names to new ones, made or not. */
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
