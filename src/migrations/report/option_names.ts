import { MigrationError } from "../../base/errors/mod.ts";
import { EXIT } from "../../base/errors/exit_codes.ts";
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

type Names<Options> = { readonly [Name in keyof Required<Options>]: true };

const FOLDER: Names<FolderOptions> = { directory: true };
const DRY: Names<Pick<RunOptions, "dryRun">> = { dryRun: true };
const LOCK: Names<Omit<RunOptions, "dryRun">> = {
  ...FOLDER,
  lockWait: true,
  signal: true,
  onProgress: true,
};
const NEW: Names<Pick<MakeOptions, "name" | "now">> = { name: true, now: true };
const EXTENT: Names<Pick<MigrateOptions, "to" | "steps">> = {
  to: true,
  steps: true,
};
const BASELINE: Names<BaselineOptions> = { ...LOCK, ...NEW };
const MAKE: Names<MakeOptions> = {
  ...FOLDER,
  ...NEW,
  ...DRY,
  empty: true,
  check: true,
  renames: true,
  drops: true,
  defaults: true,
  decide: true,
};
const MIGRATE: Names<MigrateOptions> = {
  ...LOCK,
  ...DRY,
  ...EXTENT,
  outOfOrder: true,
};
const PRINT: Names<PrintOptions> = { ...FOLDER, ...EXTENT, direction: true };
const ROLLBACK: Names<RollbackOptions> = {
  ...LOCK,
  ...DRY,
  ...EXTENT,
  baseline: true,
  expect: true,
};
const STAMP: Names<StampOptions> = {
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

const OPTIONS: Readonly<Record<Called, object>> = {
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
 * Refuses a name that is an option's but for capitals and hyphens: in a program
 * that is not type-checked, `dryrun` would run. Others are somebody's own.
 *
 * @throws {MigrationError} with exit code 64, naming the right one
 */
export function assertSpelt(called: Called, options: object): void {
  if (typeof options !== "object") {
    throw usage(`${called} takes options as { directory: "…" }`);
  }
  const known = Object.keys(OPTIONS[called]);
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    const right = known.find((one) => folded(one) === folded(name));
    if (right !== undefined) {
      throw usage(`${called} takes no ${name}; did you mean ${right}?`);
    }
  }
}

function folded(name: string): string {
  return name.toLowerCase().replaceAll(/[-_]/g, "");
}

function usage(problem: string): MigrationError {
  return new MigrationError(problem, { exitCode: EXIT.usage });
}
