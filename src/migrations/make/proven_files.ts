import { MigrationError } from "../../base/errors/mod.ts";
import { EXIT } from "../../base/errors/exit_codes.ts";
import type {
  MigrationTarget,
  PlanOptions,
  SchemaPlan,
} from "../../engine/migrations/mod.ts";
import { lintFile } from "../check/lint.ts";
import type { WrittenFiles } from "../report/reports.ts";
import { assertNone } from "../report/problem.ts";
import { filesOf } from "../folder/write_files.ts";

/**
 * A plan becomes files that were read back, looked at and proven, and are not
 * written yet.
 *
 * @throws {MigrationError} with exit code 7 and a sketch, where a person must
 * write it; 1 where the files do not do what the plan says
 */
export async function provenFiles(
  target: MigrationTarget,
  plan: SchemaPlan,
  place: { readonly folder: string; readonly id: string },
  options: PlanOptions,
): Promise<WrittenFiles> {
  assertNoneRefused(plan);
  const { dialect } = target;
  const files = filesOf(dialect, place.folder, place.id, {
    up: dialect.print(plan.up),
    down: dialect.print(plan.down),
  });
  const up = dialect.parse(files.upText, files.up);
  const down = dialect.parse(files.downText, files.down);
  assertNone([
    ...lintFile(dialect, { path: files.up, script: up }, "up"),
    ...lintFile(dialect, { path: files.down, script: down }, "down"),
  ]);
  await target.prove(
    up,
    down.irreversible === undefined ? down : undefined,
    options,
  );
  return files;
}

/** @throws {MigrationError} with exit code 7, where a change is not generated */
function assertNoneRefused({ refused }: SchemaPlan): void {
  if (refused.length === 0) return;
  throw new MigrationError(
    `${
      refused.map(({ change, sketch }) =>
        `Not generated: ${change}. Write it by hand with \`dbp make_migrations --empty\`, from this:\n${sketch}`
      ).join("\n\n")
    }`,
    { exitCode: EXIT.undecided },
  );
}
