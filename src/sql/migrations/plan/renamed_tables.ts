import type { Renames } from "../../../migrations/plan/renames.ts";
import { aside } from "../../link/run.ts";
import { renameChanges } from "../compare/renames.ts";
import {
  copyTables,
  runAll,
  type Scratch,
  scratchTables,
  type Tables,
} from "../compare/scratch_schema.ts";
import { renameSteps } from "../steps/renames.ts";

/** Returns the tables after renames, which the server makes on copies because expressions name columns too. */
export async function renamedTables(
  scratch: Scratch,
  live: Tables,
  renames: Renames,
): Promise<Tables> {
  const changes = renameChanges(renames);
  if (changes.length === 0) return live;
  return await aside(scratch.tx, async () => {
    await copyTables(scratch, [...live.values()]);
    await runAll(
      scratch.tx,
      changes.flatMap((change) =>
        renameSteps(change, { tables: new Map() })
          .flatMap(({ statements }) => statements)
      ),
    );
    return await scratchTables(scratch);
  });
}
