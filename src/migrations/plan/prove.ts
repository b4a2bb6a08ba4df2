import { messageOf, MigrationError } from "../../base/errors/mod.ts";
import type { Direction, Script, Step } from "../../engine/migrations/mod.ts";

/** Empty copies of the objects of a database, on which files are tested. */
export interface Copies {
  /** What they are called: `tables`. */
  readonly what: string;
  /** Each object as text, by name. */
  state(): Promise<ReadonlyMap<string, string>>;
  run(step: Step): Promise<void>;
  /** The changes that a plan would still make. */
  remaining(): Promise<readonly string[]>;
}

/**
 * Runs the files of a plan on copies: after `up` no change may remain, and
 * `down` must restore the original state.
 *
 * @throws {MigrationError} with the step that failed, or the difference
 */
export async function proveFiles(
  copies: Copies,
  up: Script,
  down: Script | undefined,
): Promise<void> {
  const before = await copies.state();
  await runFile(copies, up, "up");
  const remaining = await copies.remaining();
  if (remaining.length > 0) {
    throw new MigrationError(
      [
        "The up migration does not make all changes. It leaves:",
        ...remaining.map((change) => `  ${change}`),
      ],
    );
  }
  if (down === undefined) return;
  await runFile(copies, down, "down");
  const after = await copies.state();
  const names = [...new Set([...before.keys(), ...after.keys()])]
    .filter((name) => before.get(name) !== after.get(name));
  const [name] = names;
  if (name === undefined) return;
  throw new MigrationError(
    `The down migration does not restore the original state of ${
      names.join(", ")
    }: in ${name} it leaves ${
      firstDifferenceText(before.get(name), after.get(name))
    }`,
  );
}

async function runFile(
  copies: Copies,
  { steps }: Script,
  direction: Direction,
): Promise<void> {
  for (const [index, step] of steps.entries()) {
    try {
      await copies.run(step);
    } catch (error) {
      const reason = messageOf(error);
      throw new MigrationError(
        `Step ${
          index + 1
        } of the ${direction} migration, line ${step.line}, fails on copies of the ${copies.what}: ${reason}`,
        { cause: error },
      );
    }
  }
}

/** Returns the first line in which two texts differ. */
function firstDifferenceText(before = "", after = ""): string {
  const [left, right] = [before.split("\n"), after.split("\n")];
  const index = left.findIndex((line, index) => line !== right[index]);
  return `${right[index]?.trim() || "nothing"} instead of ${
    left[index]?.trim() || "nothing"
  }`;
}
