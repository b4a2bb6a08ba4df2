import { lineBreak, type Message, message, text } from "@optique/core/message";
import { optional, withDefault } from "@optique/core/modifiers";
import type { Parser } from "@optique/core/parser";
import { flag, option } from "@optique/core/primitives";
import type { OptionName } from "@optique/core/usage";
import { string } from "@optique/core/valueparser";
import { DIRECTORY, LOCK_WAIT } from "../../migrations/report/options.ts";
import { count, duration, folder, id, path, type Value } from "./values.ts";

/** One option, or one command with all of its options. */
export type Part<Value> = Parser<"sync", Value, unknown>;

/** What every command takes. */
export interface SharedOptions {
  /** The settings file or its folder. */
  readonly settingsPath: string;
  /** The entry of `DB_CONFIG`. */
  readonly db?: string | undefined;
  /** Whether to print one JSON object. */
  readonly json: boolean;
}

/** What every command takes that knows of migrations. */
export interface FilesOptions extends SharedOptions {
  /** The folder of migrations. */
  readonly migrations: string;
}

/** Options of every command. */
export const shared: {
  readonly [Name in keyof SharedOptions]-?: Part<SharedOptions[Name]>;
} = {
  settingsPath: withDefault(
    option("--settings_path", "--settings-path", path, {
      description:
        message`The settings file, or the folder it is in; this folder by default.`,
    }),
    ".",
  ),
  db: optional(option("--db", string({ metavar: "KEY" }), {
    description: message`The entry of DB_CONFIG; SQL where there is one.`,
  })),
  json: on("Print one JSON object instead of lines.", "--json"),
};

/** Options of every command that knows of migrations. */
export const files: typeof shared & { readonly migrations: Part<string> } = {
  migrations: withDefault(
    valued(
      folder,
      `The folder of migrations, with sql or mongo in it; ${DIRECTORY} by default.`,
      DIRECTORY,
      "--migrations",
    ),
    DIRECTORY,
  ),
  ...shared,
};

const WAIT = `${LOCK_WAIT / 1000}s`;

/** Options of the commands that change the schema, or only tell how. */
export const running: {
  readonly dryRun: Part<boolean>;
  readonly lockWait: Part<number>;
} = {
  dryRun: on(
    "Tell what would be done, and do nothing.",
    "--dry-run",
    "--dry_run",
  ),
  lockWait: withDefault(
    valued(
      duration,
      `How long to wait for another process that migrates; ${WAIT} by default.`,
      WAIT,
      "--lock-wait",
      "--lock_wait",
    ),
    LOCK_WAIT,
  ),
};

/** An option with a migration's name. */
export function to(description: string): Part<string | undefined> {
  return optional(
    valued(id, description, "20260930T141502_add_drb", "--to"),
  );
}

/** An option with a number of migrations. */
export function steps(description: string): Part<number | undefined> {
  return optional(valued(count, description, "1", "--steps"));
}

/** An option whose value is read here. Where it is wrong, the option is named, and a right one. */
export function valued<T>(
  value: Value<T>,
  description: string,
  example: string,
  ...names: Names
): Part<T> {
  const [name] = names;
  return option(...names, value, {
    description: [text(description)],
    errors: {
      invalidValue: (problem) => [
        text(`${name} takes `),
        ...problem,
        text(`; write ${name} ${example}`),
      ],
    },
  });
}

/** The spellings of an option, the one that help names first being the first. */
type Names = readonly [OptionName, ...OptionName[]];

/** An option without a value. */
export function on(
  description: string,
  ...names: Names
): Part<boolean> {
  return withDefault(
    flag(...names, { description: [text(description)] }),
    false,
  );
}

/** The end of a command's help. */
export function footer(...lines: readonly string[]): Message {
  return [
    ...message`Examples:`,
    lineBreak(),
    ...examples(...lines.map((line) => `  ${line}`)),
  ];
}

/** Lines one below the other. */
export function examples(...lines: readonly string[]): Message {
  return lines.flatMap((line, place) =>
    place === 0 ? [text(line)] : [lineBreak(), text(line)]
  );
}
