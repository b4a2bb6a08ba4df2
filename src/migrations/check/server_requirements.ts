import { EXIT } from "../../base/errors/exit_codes.ts";
import type { MigrationTarget } from "../../engine/migrations/mod.ts";
import { meets } from "../file/requirement.ts";
import type { SourceFile } from "../folder/source_file.ts";
import type { Pending } from "./compare.ts";
import type { Problem } from "../report/reports.ts";

/** A file to run. */
interface ToRun {
  readonly id: string;
  readonly source: SourceFile;
}

/** Returns the problems of files whose requirements the server does not meet. Asks the server only if a file has requirements. */
export async function serverProblems(
  target: Pick<MigrationTarget, "server">,
  files: readonly ToRun[],
): Promise<Problem[]> {
  const requiring = files.filter(({ source }) =>
    source.script.requires.length > 0
  );
  if (requiring.length === 0) return [];
  const { product, name, version } = await target.server();
  return requiring.flatMap(({ id, source: { path, script } }) => {
    const unmet = script.requires.filter((each) =>
      !meets(each, product, version)
    );
    if (unmet.length === 0) return [];
    return [{
      exitCode: EXIT.invalid,
      kind: "server",
      id,
      file: path,
      problem: `${path} requires ${
        unmet.join(" and ")
      }; the server is ${name} ${version}`,
    }];
  });
}

/** Returns the {@link serverProblems} of pending files. */
export function pendingServerProblems(
  target: Pick<MigrationTarget, "server">,
  pending: readonly Pending[],
): Promise<Problem[]> {
  return serverProblems(
    target,
    pending.map(({ id, files: { up } }) => ({ id, source: up })),
  );
}
