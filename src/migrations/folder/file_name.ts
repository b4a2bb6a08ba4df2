import { MigrationError } from "../../base/errors/mod.ts";
import { EXIT } from "../../base/errors/exit_codes.ts";
import type { Direction } from "../../engine/migrations/mod.ts";
import { nearest } from "../../base/nearest.ts";

/** The name of a file: time, name, direction. */
const NAME = /^(\d{8}T\d{6})_([a-z0-9_]+)\.(up|down)$/;
/** A name that resembles one. */
const LIKE = /^(\d{8})[T_-]?(\d{6})[_-]?([^.]*)\.?([^.]*)/i;
/** The longest name of a migration; longer ones would not fit every file system. */
const LONGEST = 80;

/** What the name of a file says. */
interface FileName {
  /** For example `20260930T141502_add_drb`. */
  readonly id: string;
  readonly direction: Direction;
}

/** Reads the name of a file; undefined if it is not the name of a migration. */
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

/** Returns advice for an invalid name: the valid name that it resembles most, or an example. */
export function fileNameAdvice(file: string, extension: string): string {
  const [, day, time, name = "", direction = ""] = LIKE.exec(file) ?? [];
  const second = `${day}T${time}`;
  if (day === undefined || !isSecond(second)) {
    return `name it like 20260930T141502_add_drb.up${extension}`;
  }
  const end = nearest(direction, ["up", "down"]) ?? "up";
  const similar = `${second}_${slug(name) || "name"}.${end}${extension}`;
  return `did you mean ${similar}?`;
}

/** Returns a time in the name of a file that does not exist; undefined if there is none. */
export function invalidTime(file: string): string | undefined {
  const [, day, time] = LIKE.exec(file) ?? [];
  const second = `${day}T${time}`;
  return day === undefined || isSecond(second) ? undefined : second;
}

/** Returns the time of a migration. */
export function timeOf(id: string): Date {
  return dateOf(secondOf(id));
}

/** Returns the id of a migration with another time. */
export function idAt(id: string, time: Date): string {
  return secondText(time) + id.slice(id.indexOf("_"));
}

/** Returns the text of the time in the id of a migration. */
export function secondOf(id: string): string {
  return id.slice(0, id.indexOf("_"));
}

/**
 * Returns the id of a new migration: the current second, or the second after the
 * newest existing migration if that is later.
 *
 * @param ids the migrations with a file, and those that are applied
 */
export function newId(now: Date, name: string, ids: readonly string[]): string {
  const words = slug(name);
  if (words === "") {
    throw new MigrationError(
      `Cannot name a migration ${
        JSON.stringify(name)
      }: a name consists of letters, digits and _, for example add_drb`,
      { exitCode: EXIT.usage },
    );
  }
  const newest = ids.map(secondOf).sort().at(-1);
  const second = secondText(now);
  return `${
    newest === undefined || second > newest ? second : secondAfter(newest)
  }_${words}`;
}

function slug(name: string): string {
  return name.normalize("NFKD").replaceAll(/\p{M}/gu, "")
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2").toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "_").slice(0, LONGEST)
    .replaceAll(/^_+|_+$/g, "");
}

function secondAfter(second: string): string {
  const next = secondText(new Date(dateOf(second).getTime() + 1000));
  if (isSecond(next)) return next;
  throw new MigrationError(
    `Cannot create a migration after ${second}: rename the last migration to an earlier time`,
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
