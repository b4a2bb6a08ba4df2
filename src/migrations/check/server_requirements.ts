import { EXIT } from "../../base/errors/exit_codes.ts";
import type { MigrationTarget } from "../../engine/migrations/mod.ts";
import { meets } from "../file/requirement.ts";
import type { SourceFile } from "../folder/folder.ts";
import type { Pending } from "./compare.ts";
import type { Problem } from "../report/reports.ts";

/** A file that is to be run. */
interface ToRun {
  readonly id: string;
  readonly source: SourceFile;
}

/** That files require another server than the one there. It is asked only where one requires something. */
export async function serverProblems(
  asked: Pick<MigrationTarget, "server">,
  files: readonly ToRun[],
): Promise<Problem[]> {
  const requiring = files.filter(({ source }) =>
    source.script.requires.length > 0
  );
  if (requiring.length === 0) return [];
  const { product, name, version } = await asked.server();
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

/** {@link serverProblems} of files that are to be applied. */
export function pendingServerProblems(
  asked: Pick<MigrationTarget, "server">,
  pending: readonly Pending[],
): Promise<Problem[]> {
  return serverProblems(
    asked,
    pending.map(({ id, files: { up } }) => ({ id, source: up })),
  );
}
