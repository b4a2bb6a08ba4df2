import { MigrationError } from "../../base/errors/mod.ts";
import { EXIT } from "../../base/errors/exit_codes.ts";
import { type NamesOf, namesOf, unknownNames } from "../../base/known_names.ts";
import { isSameName } from "../../base/nearest.ts";
import type {
  BaselineOptions,
  FolderOptions,
  MakeOptions,
  MigrateOptions,
  PrintOptions,
  RollbackOptions,
  RunOptions,
  StampOptions,
} from "./options.ts";

const FOLDER: NamesOf<FolderOptions> = { directory: true };
const DRY: NamesOf<Pick<RunOptions, "dryRun">> = { dryRun: true };
const LOCK: NamesOf<Omit<RunOptions, "dryRun">> = {
  ...FOLDER,
  lockWait: true,
  signal: true,
  onProgress: true,
};
const NEW: NamesOf<Pick<MakeOptions, "name" | "now">> = {
  name: true,
  now: true,
};
const EXTENT: NamesOf<Pick<MigrateOptions, "to" | "steps">> = {
  to: true,
  steps: true,
};
const BASELINE: NamesOf<BaselineOptions> = {
  ...LOCK,
  ...NEW,
  skipRefused: true,
};
const MAKE: NamesOf<MakeOptions> = {
  ...FOLDER,
  ...NEW,
  ...DRY,
  empty: true,
  check: true,
  renames: true,
  drops: true,
  defaults: true,
  decide: true,
  skipRefused: true,
};
const MIGRATE: NamesOf<MigrateOptions> = {
  ...LOCK,
  ...DRY,
  ...EXTENT,
  outOfOrder: true,
};
const PRINT: NamesOf<PrintOptions> = { ...FOLDER, ...EXTENT, direction: true };
const ROLLBACK: NamesOf<RollbackOptions> = {
  ...LOCK,
  ...DRY,
  ...EXTENT,
  baseline: true,
  expect: true,
};
const STAMP: NamesOf<StampOptions> = {
  ...LOCK,
  ...DRY,
  to: true,
  unstamp: true,
};

/** The functions that take options. */
type Called =
  | "assertMigrated"
  | "baseline"
  | "check"
  | "makeMigrations"
  | "migrate"
  | "printSql"
  | "rollback"
  | "stamp"
  | "status";

const OPTIONS: Readonly<Record<Called, Readonly<Record<string, true>>>> = {
  assertMigrated: FOLDER,
  baseline: BASELINE,
  check: FOLDER,
  makeMigrations: MAKE,
  migrate: MIGRATE,
  printSql: PRINT,
  rollback: ROLLBACK,
  stamp: STAMP,
  status: FOLDER,
};

/**
 * Refuses an option whose name differs from a known one only in case, hyphens or
 * underscores: in untyped code a misspelled `dryRun` would start a real run. Other
 * unknown properties belong to the caller and are ignored.
 *
 * @throws {MigrationError} with exit code 64 and the known name
 */
export function assertOptionNames(called: Called, options: object): void {
  if (typeof options !== "object") {
    throw usage(`${called} requires an object of options: { directory: "…" }`);
  }
  for (
    const { name, nearest } of unknownNames(options, namesOf(OPTIONS[called]))
  ) {
    if (nearest !== undefined && isSameName(name, nearest)) {
      throw usage(`${called} has no option ${name}; did you mean ${nearest}?`);
    }
  }
}

function usage(problem: string): MigrationError {
  return new MigrationError(problem, { exitCode: EXIT.usage });
}
