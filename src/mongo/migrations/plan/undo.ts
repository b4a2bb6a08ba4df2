import type { Document } from "mongodb";
import { messageOf, MigrationError } from "../../../base/errors/mod.ts";
import { EXIT } from "../../../base/errors/exit_codes.ts";
import type {
  Draft,
  DraftStep,
  PartialFiles,
  Step,
} from "../../../engine/migrations/mod.ts";
import { draftOf, UNDO_MARK } from "../../../migrations/plan/draft.ts";
import {
  type LiveCollection,
  liveCollections,
} from "../../schema/live_collections.ts";
import { subjectOf, type Target } from "../file/command.ts";
import { documentsIn, entry, isDocument } from "../../schema/documents.ts";
import { commandIn } from "../file/json.ts";
import { lostData } from "../file/losses.ts";
import { commandsOf } from "../file/step_commands.ts";
import { withoutCommandValues } from "../file/without_command_values.ts";
import { apply } from "../run/apply.ts";
import { renamedField } from "../steps/field_steps.ts";
import { batchedUpdate, step } from "../steps/mongo_step.ts";
import { restoreSteps } from "./restore.ts";
import { copyCollections, inScratch, scratchContext } from "./scratch.ts";
import { recreateCommands } from "./whole_collections.ts";

/** Commands that change documents in a way that a down migration could undo; values that an update fills stay. */
const ON_DOCUMENTS = ["insert", "delete", "aggregate"];

/**
 * Returns the steps that restore the collections as they were before a
 * migration that is partially applied. The server says how they were: the rest
 * of the up file and the down file run on empty copies of the collections.
 *
 * @param converts whether the server can make an existing index unique
 * @throws {MigrationError} if a step that is done changed documents, or if the
 * files do not run on copies
 */
export async function undoDraft(
  target: Omit<Target, "prefix">,
  converts: boolean,
  { done, rest, down, started = false }: PartialFiles,
): Promise<Draft> {
  const affected = [
    ...done.steps,
    ...started ? rest.steps.slice(0, 1) : [],
  ].flatMap(commandsOf);
  const all = [...done.steps, ...rest.steps, ...down.steps];
  const names = new Set(all.flatMap(commandsOf).flatMap(namesIn));
  const before = await inScratch(target, async (scratch) => {
    await copyCollections(scratch, ({ name }) => names.has(name));
    let hasFailed = false;
    for (const step of rest.steps) {
      try {
        await runOnCopies(scratch, step);
      } catch (error) {
        // The step that stopped the run may fail on copies, too: then it changes nothing.
        hasFailed ||= step === rest.steps[0];
        if (!hasFailed) throw error;
      }
    }
    for (const step of down.steps) await runOnCopies(scratch, step);
    return await liveCollections(scratch);
  });
  const changed = affected.find((command) =>
    changesDocuments(command) && before.has(subjectOf(command).collection)
  );
  if (changed !== undefined) {
    throw undoError(
      `a step that is done changed documents, which nothing can restore: ${
        Object.values(subjectOf(changed)).join(" ")
      }`,
    );
  }
  const live = await liveCollections({ ...target, prefix: "" });
  const { renames, originals, values } = renamesIn(affected, live);
  const current = new Map(
    [...live.values()].filter(({ name }) => names.has(name)).map((one) => {
      const name = originals.get(one.name) ?? one.name;
      return [name, { ...one, name }] as const;
    }),
  );
  const steps = [
    step({ collMod: MARKED, comment: UNDO_MARK }),
    ...renames.map(([from, to]) => step({ renameCollection: to, to: from })),
    ...[...new Set([...current.keys(), ...before.keys()])].flatMap((name) =>
      stepsFor(current.get(name), before.get(name), [
        ...values.get(name) ?? [],
        ...narrowed(down.steps, name),
      ], converts)
    ),
  ];
  return draftOf(
    steps,
    steps.flatMap(({ statements }) =>
      statements.map((text) => ({ destructive: lostData(commandIn(text)) }))
    ),
  );
}

/** The collection in the first step, which never runs. */
const MARKED = "none";

function stepsFor(
  current: LiveCollection | undefined,
  before: LiveCollection | undefined,
  values: readonly DraftStep[],
  converts: boolean,
): DraftStep[] {
  if (current !== undefined && before !== undefined) {
    return restoreSteps(current, before, values, converts);
  }
  if (current !== undefined) return [step({ drop: current.name })];
  return before === undefined
    ? []
    : recreateCommands(before).map((command) => step(command));
}

async function runOnCopies(scratch: Target, step: Step): Promise<void> {
  const [command] = commandsOf(step);
  if (command === undefined) return;
  if (changesDocuments(command) || subjectOf(command).name === "update") return;
  try {
    await apply(scratchContext(scratch, true), step);
  } catch (error) {
    const message = withoutCommandValues(
      messageOf(error),
      [command],
    );
    throw undoError(
      `its files do not run on copies of the collections: ${
        message.replace(/\.$/, "").replaceAll(scratch.prefix, "")
      }. The command is: ${Object.values(subjectOf(command)).join(" ")}`,
      error,
    );
  }
}

function changesDocuments(command: Document): boolean {
  return ON_DOCUMENTS.includes(subjectOf(command).name) ||
    documentsIn(command.updates).some((part) => entry(part, "upsert") === true);
}

/** Returns the collections that a command names. */
function namesIn(command: Document): string[] {
  const { collection } = subjectOf(command);
  return [
    collection,
    ...typeof command.to === "string" ? [command.to] : [],
  ];
}

interface Renamed {
  /** The renamed collections, the last one first. */
  readonly renames: readonly (readonly [from: string, to: string])[];
  /** The earlier names of collections by their current names. */
  readonly originals: ReadonlyMap<string, string>;
  /** The steps that rename fields back, by the earlier names of their collections. */
  readonly values: ReadonlyMap<string, readonly DraftStep[]>;
}

/** Returns the renames of collections and fields in commands. */
function renamesIn(
  commands: readonly Document[],
  live: ReadonlyMap<string, LiveCollection>,
): Renamed {
  const renames: [string, string][] = [];
  const originals = new Map<string, string>();
  const values = new Map<string, DraftStep[]>();
  for (const command of commands) {
    const { name, collection } = subjectOf(command);
    const original = originals.get(collection) ?? collection;
    if (name === "renameCollection") {
      const to = String(command.to);
      // The last command may not have taken effect.
      if (command === commands.at(-1) && !live.has(to)) continue;
      renames.unshift([collection, to]);
      originals.delete(collection);
      originals.set(to, original);
    }
    for (const [from, to] of fieldRenames(command)) {
      values.set(original, [
        renamedField(original, to, from),
        ...values.get(original) ?? [],
      ]);
    }
  }
  return { renames, originals, values };
}

/** Returns the fields that an update renames. */
function fieldRenames(command: Document): [from: string, to: string][] {
  return documentsIn(command.updates).flatMap(({ u }) => {
    const renamed = entry(u, "$rename");
    if (isDocument(renamed)) {
      return Object.entries(renamed).map((
        [from, to],
      ): [string, string] => [from, String(to)]);
    }
    const stages: unknown[] = Array.isArray(u) ? u : [];
    const unset = stages.flatMap((stage) => [entry(stage, "$unset")].flat());
    return stages.flatMap((stage) => Object.entries(setIn(stage))).flatMap((
      [to, value],
    ): [string, string][] => {
      const from = typeof value === "string" ? value.slice(1) : "";
      return value === `$${from}` && unset.includes(from) ? [[from, to]] : [];
    });
  });
}

/** Returns the steps of a down file that turn longs of a collection back into ints. */
function narrowed(steps: readonly Step[], collection: string): DraftStep[] {
  return steps.flatMap(commandsOf).filter((command) => {
    const { name, collection: own } = subjectOf(command);
    return name === "update" && own === collection;
  }).flatMap((command) =>
    documentsIn(command.updates).filter(({ u }) => {
      const set = Array.isArray(u) && u.length === 1 ? setIn(u[0]) : {};
      const [entry, ...others] = Object.entries(set);
      return entry !== undefined && others.length === 0 &&
        isDocument(entry[1]) && entry[1].$toInt === `$${entry[0]}`;
    }).map(({ q, u }) => batchedUpdate(collection, q, u))
  );
}

function setIn(stage: unknown): Document {
  const set = entry(stage, "$set");
  return isDocument(set) ? set : {};
}

function undoError(why: string, cause?: unknown): MigrationError {
  return new MigrationError(why, { exitCode: EXIT.undecided, cause });
}
