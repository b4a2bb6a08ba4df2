import type { Document } from "mongodb";
import { MigrationError } from "../../../base/errors/mod.ts";
import type { Step } from "../../../engine/migrations/mod.ts";
import type { AnyModel } from "../../../model/types.ts";
import { duplicatesOf } from "../../schema/duplicates.ts";
import { indexOf } from "../../schema/live_indexes.ts";
import { inBatches } from "./batches.ts";
import { CODE, serverCode } from "../../link/codes.ts";
import { send, subjectOf, type Target } from "../file/command.ts";
import { entry } from "../../schema/documents.ts";
import { canonicalText } from "../file/json.ts";
import { commandsOf } from "../file/step_commands.ts";
import { liveCollections } from "../../schema/live_collections.ts";
import { sendRules } from "./offending_documents.ts";
import { wholeText } from "../compare/validator.ts";

/** What a step runs with. */
export interface StepContext extends Target {
  readonly models: readonly AnyModel[];
  /** Whether an interrupted run started the same step. */
  readonly begun: boolean;
  /** Whether rules may become strict although documents break them. */
  readonly unchecked: boolean;
  /** Called before each part of a repeated step, with the number of changed documents. */
  readonly between: (changed: number) => Promise<void>;
}

/** Runs a step, which an earlier run may have started. */
export async function apply(context: StepContext, step: Step): Promise<void> {
  const { statementTimeout: limit } = step;
  for (const command of commandsOf(step)) {
    if (step.repeat) await inBatches(context, command, limit, context.between);
    else await applyOne(context, command, limit);
  }
}

async function applyOne(
  context: StepContext,
  command: Document,
  limit: number | undefined,
): Promise<void> {
  const { name } = subjectOf(command);
  try {
    if (name === "collMod" && !context.unchecked) {
      await sendRules(
        context,
        context.models,
        command,
        limit,
        () => context.between(0),
      );
    } else if (name === "insert" && context.begun) {
      await send(context, { ...command, ordered: false }, limit);
    } else await send(context, command, limit);
  } catch (error) {
    const code = serverCode(error);
    if (await isDone(context, command, code)) return;
    if (
      (name === "createIndexes" && code === CODE.duplicateKey) ||
      (name === "collMod" && code === CODE.cannotConvertIndex)
    ) throw await duplicatesError(context, command, error);
    throw error;
  }
}

/** Returns whether the server refused a command because its result exists already. */
async function isDone(
  context: StepContext,
  command: Document,
  code: number | undefined,
): Promise<boolean> {
  const { name, collection } = subjectOf(command);
  switch (name) {
    case "create":
      return code === CODE.namespaceExists &&
        await isRequested(context, command);
    case "drop":
      return context.begun && code === CODE.namespaceNotFound;
    case "dropIndexes":
      return context.begun && code === CODE.indexNotFound;
    case "renameCollection": {
      if (!context.begun || code !== CODE.namespaceNotFound) return false;
      const to = String(command.to);
      const live = await liveCollections(context, collection, to);
      return !live.has(collection) && live.has(to);
    }
    case "insert":
      return code === CODE.duplicateKey && await areInserted(context, command);
    default:
      return false;
  }
}

/** Returns whether an existing collection is the one that a command would create. */
async function isRequested(
  context: StepContext,
  command: Document,
): Promise<boolean> {
  const { collection } = subjectOf(command);
  const live = (await liveCollections(context, collection)).get(collection);
  if (live === undefined) return false;
  const {
    create: _create,
    comment: _comment,
    writeConcern: _concern,
    validator = {},
    validationLevel = "strict",
    validationAction = "error",
    ...options
  } = command;
  const names = new Set([
    ...Object.keys(options),
    ...Object.keys(live.options),
  ]);
  return wholeText(live.validator ?? {}) === wholeText(validator) &&
    live.level === validationLevel && live.action === validationAction &&
    [...names].every((name) => {
      const [requested, existing] = [options, live.options].map((some) =>
        // The server adds details to a collation.
        name === "collation"
          ? entry(entry(some, name), "locale")
          : entry(some, name)
      );
      return canonicalText(requested) === canonicalText(existing);
    });
}

/** Returns whether a collection holds exactly the documents that a command inserts. A different document with the same `_id` belongs to something else. */
async function areInserted(
  context: StepContext,
  command: Document,
): Promise<boolean> {
  const documents: readonly Document[] = command.documents;
  const { collection } = subjectOf(command);
  const filter: Document = { _id: { $in: documents.map(({ _id }) => _id) } };
  const found = await context.db.collection(context.prefix + collection)
    .find(filter).toArray();
  const existing = new Set(found.map(canonicalText));
  return documents.every((document) => existing.has(canonicalText(document)));
}

/** Returns an error that names the duplicate documents of a unique index; the given error if there are none. */
async function duplicatesError(
  { db, prefix }: StepContext,
  command: Document,
  cause: unknown,
): Promise<unknown> {
  const { collection } = subjectOf(command);
  const table = prefix + collection;
  const specs: readonly Document[] = command.indexes ??
    await db.collection(table).listIndexes().toArray();
  const named = entry(command.index, "name");
  const found: string[] = [];
  for (const spec of specs) {
    const isBuilt = command.indexes === undefined
      ? spec.name === named
      : spec.unique === true;
    if (!isBuilt) continue;
    found.push(
      ...await duplicatesOf(db, table, { ...indexOf(spec), unique: true }),
    );
  }
  if (found.length === 0) return cause;
  return new MigrationError(found.join("; "), { cause });
}
