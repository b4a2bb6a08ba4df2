import { MigrationError } from "./errors.ts";
import type { Decision, Intent } from "./migration.ts";
import { nearest } from "./nearest.ts";

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

/**
 * Makes sure that what may be dropped, and what gets a value, is there, was
 * there once, or is to be there. What was done already is quiet.
 *
 * @param names of all that is known, as the history has them
 * @throws {MigrationError} with exit code 64, naming the nearest name
 */
export function assertNamed(
  { drops, defaults }: Intent,
  names: Iterable<string>,
): void {
  const known = new Set(names);
  const asked: (readonly [string, string])[] = [
    ...[...drops].map((name) => ["--drop", name] as const),
    ...[...defaults.keys()].map((name) => ["--default", name] as const),
  ];
  for (const [option, name] of asked) {
    if (known.has(name)) continue;
    const close = nearest(name, known);
    throw new MigrationError(
      `${option} ${name} names nothing: neither the database nor a model has it${
        close === undefined ? "" : `; did you mean ${close}?`
      }`,
      { exitCode: 64 },
    );
  }
}
