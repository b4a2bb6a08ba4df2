import { MigrationError } from "../../base/errors/mod.ts";
import { EXIT } from "../../base/errors/exit_codes.ts";
import type { Direction } from "../../engine/migrations/mod.ts";
import { nearest } from "../../base/nearest.ts";

/** The parts of a file's name: second, name, direction. */
const NAME = /^(\d{8}T\d{6})_([a-z0-9_]+)\.(up|down)$/;
/** What looks as if it were meant to be one. */
const LIKE = /^(\d{8})[T_-]?(\d{6})[_-]?([^.]*)\.?([^.]*)/i;
/** Longer names would not fit every file system together with the rest. */
const LONGEST = 80;
/** How many a list of migrations names, the newest. */
const LISTED = 10;

/** What a file's name says. */
export interface FileName {
  /** `20260930T141502_add_drb`. */
  readonly id: string;
  readonly direction: Direction;
}

/** Reads a file's name; undefined where it is not one of a migration. */
export function fileName(
  file: string,
  extension: string,
): FileName | undefined {
  if (!file.endsWith(extension)) return undefined;
  const [, second, name, direction] =
    NAME.exec(file.slice(0, -extension.length)) ?? [];
  if (second === undefined || !isSecond(second)) return undefined;
  return {
    id: `${second}_${name}`,
    direction: direction === "down" ? "down" : "up",
  };
}

/** The right name that a wrong one most resembles, or an example. */
export function nearestFileName(file: string, extension: string): string {
  const [, day, time, name = "", direction = ""] = LIKE.exec(file) ?? [];
  const second = `${day}T${time}`;
  const example = `20260930T141502_add_drb.up${extension}`;
  if (day === undefined || !isSecond(second)) return example;
  const way = nearest(direction, ["up", "down"]) ?? "up";
  return `${second}_${slug(name) || "name"}.${way}${extension}`;
}

/** A time in a file's name that no clock shows: undefined where there is none such. */
export function wrongSecond(file: string): string | undefined {
  const [, day, time] = LIKE.exec(file) ?? [];
  const second = `${day}T${time}`;
  return day === undefined || isSecond(second) ? undefined : second;
}

/** The part of a migration's id that tells when it was made. */
export function secondOf(id: string): string {
  return id.slice(0, id.indexOf("_"));
}

/**
 * The id of a new migration: later than all that are there, so that it runs
 * after them.
 *
 * @param ids those that are there
 */
export function newId(now: Date, name: string, ids: readonly string[]): string {
  const words = slug(name);
  if (words === "") {
    throw new MigrationError(
      `A migration cannot be named ${
        JSON.stringify(name)
      }: a name is letters, digits and _, as add_drb`,
      { exitCode: EXIT.usage },
    );
  }
  const newest = ids.map(secondOf).sort().at(-1);
  const second = secondText(now);
  return `${
    newest === undefined || second > newest ? second : after(newest)
  }_${words}`;
}

/**
 * The migration that a person means by its id or its name, or by the beginning
 * of either: the time alone will do.
 *
 * @throws {MigrationError} with exit code 64, naming the nearest, or those that there are
 */
export function meant(
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
    ? `${given} may be ${listText(matching, "or")}`
    : `There is no ${what} ${given}; ${
      close
        ? `did you mean ${close}?`
        : ids.length === 0
        ? "there is none"
        : `there are ${listText(ids, "and")}`
    }`;
  throw new MigrationError(problem, { exitCode: EXIT.usage });
}

/** By what says most: all of the id, its beginning, all of the name, its beginning. */
function matches(given: string, ids: readonly string[]): readonly string[] {
  if (given === "") return [];
  const ways: ((id: string) => boolean)[] = [
    (id) => id === given,
    (id) => id.startsWith(given),
    (id) => nameOf(id) === given,
    (id) => nameOf(id).startsWith(given),
  ];
  return ways.map((is) => ids.filter(is)).find(({ length }) => length > 0) ??
    [];
}

function listText(ids: readonly string[], word: "or" | "and"): string {
  const more = ids.length - LISTED;
  const shown = ids.slice(-LISTED);
  return more > 0
    ? `${shown.join(", ")} ${word} ${more} older`
    : shown.join(word === "or" ? " or " : ", ");
}

/** The part of a migration's id that tells what it does. */
function nameOf(id: string): string {
  return id.slice(id.indexOf("_") + 1);
}

function slug(name: string): string {
  return name.normalize("NFKD").replaceAll(/\p{M}/gu, "")
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2").toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "_").slice(0, LONGEST)
    .replaceAll(/^_+|_+$/g, "");
}

function after(second: string): string {
  const next = secondText(new Date(dateOf(second).getTime() + 1000));
  if (isSecond(next)) return next;
  throw new MigrationError(
    `No migration can come after ${second}: give the last one an earlier time`,
    { exitCode: EXIT.invalid },
  );
}

function secondText(date: Date): string {
  return date.toISOString().slice(0, 19).replaceAll(/[-:]/g, "");
}

function isSecond(second: string): boolean {
  const date = dateOf(second);
  return !Number.isNaN(date.getTime()) && secondText(date) === second;
}

function dateOf(second: string): Date {
  const [, year, month, day, hour, minute, rest] =
    /^(.{4})(..)(..)T(..)(..)(..)$/.exec(second) ?? [];
  return new Date(`${year}-${month}-${day}T${hour}:${minute}:${rest}Z`);
}
