import {
  flag as flagParser,
  map,
  multiple,
  option,
  optional,
  string,
  text,
  withDefault,
} from "./optique.ts";
import type { Parser } from "@optique/core/parser";
import type { OptionName } from "@optique/core/usage";
import { DIRECTORY, LOCK_WAIT } from "../../migrations/report/options.ts";
import { UsageError } from "./usage_error.ts";
import {
  count,
  duration,
  folder,
  id,
  oneOf,
  type Pair,
  path,
  type Value,
} from "./values.ts";

/** Parses one option, or one command with all of its options. */
export type Part<Value> = Parser<"sync", Value, unknown>;

/** Options of every command. */
export const common: {
  readonly settingsPath: Part<string>;
  readonly db: Part<string | undefined>;
  readonly models: Part<"alerce" | undefined>;
  readonly json: Part<boolean>;
} = {
  settingsPath: withDefault(
    required(
      "--settings_path",
      path,
      "Settings file or folder (default: current folder).",
      "./conf",
    ),
    ".",
  ),
  db: valued(
    "--db",
    string({ metavar: "KEY" }),
    "Entry of DB_CONFIG (default: SQL, or the only entry).",
    "SQL",
  ),
  models: valued(
    "--models",
    oneOf("NAME", ["alerce"]),
    "Models if there is no settings file: alerce.",
    "alerce",
  ),
  json: flag("--json", "Print one JSON object instead of text."),
};

/** The options that the page of `dbp` itself lists: it fits on one screen. */
export const everywhere: Pick<typeof common, "settingsPath" | "db" | "json"> = {
  settingsPath: common.settingsPath,
  db: common.db,
  json: common.json,
};

/** The option of every command that reads or writes migrations. */
export const files: { readonly directory: Part<string> } = {
  directory: withDefault(
    required(
      "--migrations",
      folder,
      `Folder with sql/ and mongo/ (default: ${DIRECTORY}).`,
      DIRECTORY,
    ),
    DIRECTORY,
  ),
};

/** Answers the question that precedes the first migration of a database. */
export const firstMigration: { readonly yes: Part<boolean> } = {
  yes: flag(
    "--yes",
    "Do not ask before the first migration of a database with other tables.",
    "-y",
  ),
};

const WAIT = `${LOCK_WAIT / 1000}s`;

/** Options of the commands that take the migration lock. */
export const running: {
  readonly dryRun: Part<boolean>;
  readonly lockWait: Part<number>;
} = {
  dryRun: flag("--dry-run", "Show what would be done, and change nothing."),
  lockWait: withDefault(
    required(
      "--lock-wait",
      duration,
      `Time to wait for the migration lock (default: ${WAIT}).`,
      WAIT,
    ),
    LOCK_WAIT,
  ),
};

/** The option `--to`, which takes the name of a migration. */
export function to(description: string): Part<string | undefined> {
  return valued("--to", id, description, "20260930T141502_add_drb");
}

/** The option `--steps`, which takes a number of migrations. */
export function steps(description: string): Part<number | undefined> {
  return valued("--steps", count, description, "1");
}

/** An option without a value. */
export function flag(
  name: OptionName,
  description: string,
  ...shortNames: readonly OptionName[]
): Part<boolean> {
  return withDefault(
    flagParser(...spellings(name), ...shortNames, {
      description: [text(description)],
    }),
    false,
  );
}

/** An option with a value: its description, and a value that its error shows. */
type Valued<T> = readonly [
  name: OptionName,
  value: Value<T>,
  description: string,
  example: string,
];

/** An option that may be left out. Its error for a wrong value shows the example. */
export function valued<T>(...option: Valued<T>): Part<T | undefined> {
  return optional(required(...option));
}

/** An option that may be repeated. */
export function repeated<T>(...option: Valued<T>): Part<readonly T[]> {
  return multiple(required(...option));
}

/** An option that may be repeated with a pair each time; the values by their names. */
export function pairs(
  ...option: Valued<Pair>
): Part<Readonly<Record<string, string>>> {
  const [name] = option;
  return map(repeated(...option), (pairs) => record(name, pairs));
}

function required<T>(
  ...[name, value, description, example]: Valued<T>
): Part<T> {
  return option(...spellings(name), value, {
    description: [text(description)],
    errors: {
      invalidValue: (problem) => [
        text(`${name} must be `),
        ...problem,
        text(`. Example: ${name} ${example}`),
      ],
    },
  });
}

/** The name as help shows it, then the other spelling: `--dry-run` and `--dry_run`. */
function spellings(
  name: OptionName,
): readonly [OptionName, ...OptionName[]] {
  const words = name.slice("--".length);
  const other: OptionName = words.includes("_")
    ? `--${words.replaceAll("_", "-")}`
    : `--${words.replaceAll("-", "_")}`;
  return other === name ? [name] : [name, other];
}

/** @throws {UsageError} if a name has two values */
function record(
  option: string,
  pairs: readonly Pair[],
): Readonly<Record<string, string>> {
  const values = new Map<string, string>();
  for (const { name, value } of pairs) {
    const previous = values.get(name);
    if (previous !== undefined && previous !== value) {
      throw new UsageError(
        `${option} has two values for ${name}: ${previous} and ${value}.`,
      );
    }
    values.set(name, value);
  }
  return Object.fromEntries(values);
}
