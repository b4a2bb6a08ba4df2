import { MigrationError } from "../../base/errors/mod.ts";
import { EXIT } from "../../base/errors/exit_codes.ts";
import type {
  MigrationTarget,
  PlanOptions,
  SchemaPlan,
} from "../../engine/migrations/mod.ts";
import { lintFile } from "../check/lint.ts";
import type { WrittenFiles } from "../report/reports.ts";
import { assertNoProblems } from "../report/problem.ts";
import { draftFiles } from "../folder/write_files.ts";
import { printable, printableText } from "../../base/errors/printable.ts";
import { commandHint } from "../../base/hints.ts";

/**
 * Returns the files of a plan before they are written: read back, checked by the
 * lint rules, and tested on the database.
 *
 * @throws {MigrationError} with exit code 7 and a sketch, if a person must write
 * a change; 1 if the files do not have the planned effect
 */
export async function verifiedFiles(
  target: MigrationTarget,
  plan: SchemaPlan,
  location: { readonly folder: string; readonly id: string },
  options: PlanOptions & { readonly skipRefused?: boolean | undefined },
): Promise<WrittenFiles> {
  assertNoneRefused(plan, options);
  const { dialect } = target;
  const files = draftFiles(dialect, location.folder, location.id, {
    up: dialect.print(plan.up),
    down: dialect.print(plan.down),
  });
  const up = dialect.parse(files.upText, files.up);
  const down = dialect.parse(files.downText, files.down);
  assertNoProblems([
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

/** @throws {MigrationError} with exit code 7, if a change cannot be generated and the others are not wanted, or are none */
function assertNoneRefused(
  { refused, up }: SchemaPlan,
  { skipRefused = false, empty = false }: {
    readonly skipRefused?: boolean | undefined;
    readonly empty?: boolean | undefined;
  },
): void {
  const hasOthers = up.steps.length > 0;
  if (refused.length === 0 || (skipRefused && hasOthers)) return;
  const command = empty ? "initdb" : "make_migrations";
  throw new MigrationError(
    refused.flatMap((one, index) => [
      ...(index === 0 ? [] : [""]),
      ...refusalText(one, hasOthers ? command : undefined).split("\n"),
    ]),
    { exitCode: EXIT.undecided },
  );
}

/**
 * Describes a change that is not generated, with its sketch.
 *
 * @param command the command that writes the other changes, if there are any
 */
export function refusalText(
  { change, sketch }: SchemaPlan["refused"][number],
  command?: "initdb" | "make_migrations",
): string {
  const others = command === undefined
    ? ""
    : `. ${commandHint(`${command} --skip-refused`)} writes the other changes`;
  const head = `Not generated: ${change}${others}. Write it manually with ${
    commandHint("make_migrations --empty")
  }, from this:`;
  return `${printable(head)}\n${printableText(sketch)}`;
}
