import type { Document } from "mongodb";
import { MigrationError } from "../../../base/errors/mod.ts";
import type { Step } from "../../../engine/migrations/mod.ts";
import type { AnyModel } from "../../../model/types.ts";
import { duplicatesOf } from "../../schema/duplicates.ts";
import { indexOf } from "../../schema/introspect.ts";
import { inBatches } from "./batches.ts";
import { CODE, serverCode } from "../../link/codes.ts";
import { send, subjectOf, type Target } from "../file/command.ts";
import { canonicalText, commandIn, entry } from "../file/json.ts";
import { liveIn } from "../compare/live_collections.ts";
import { sendRules } from "./offending_documents.ts";
import { wholeText } from "../compare/validator.ts";

/** What is known when a step is run. */
export interface Applying extends Target {
  readonly models: readonly AnyModel[];
  /** Whether a run that broke off began the same step. */
  readonly begun: boolean;
  /** Whether rules may be made strict over documents that break them. */
  readonly unchecked: boolean;
  /** Called before each part of a step that is run in parts. */
  readonly between: (changed: number) => Promise<void>;
}

/** Runs a step's command, which an earlier run may have begun. */
export async function apply(at: Applying, step: Step): Promise<void> {
  const { statementTimeout: limit } = step;
  for (const text of step.statements) {
    const command = commandIn(text);
    if (step.repeat) await inBatches(at, command, limit, at.between);
    else await applyOne(at, command, limit);
  }
}

async function applyOne(
  at: Applying,
  command: Document,
  limit: number | undefined,
): Promise<void> {
  const { name } = subjectOf(command);
  const plain = (): Promise<unknown> => send(at, command, limit);
  try {
    if (name === "collMod" && !at.unchecked) {
      await sendRules(at, at.models, command, limit, () => at.between(0));
    } else if (name === "insert" && at.begun) {
      await send(at, { ...command, ordered: false }, limit);
    } else await plain();
  } catch (error) {
    const code = serverCode(error);
    if (await isDone(at, command, code)) return;
    if (
      (name === "createIndexes" && code === CODE.duplicateKey) ||
      (name === "collMod" && code === CODE.cannotConvertIndex)
    ) throw await doubles(at, command, error);
    throw error;
  }
}

/** Whether what a command was refused for is what it would have left behind. */
async function isDone(
  at: Applying,
  command: Document,
  code: number | undefined,
): Promise<boolean> {
  const { name, collection } = subjectOf(command);
  switch (name) {
    case "create":
      return code === CODE.namespaceExists && await isAsAsked(at, command);
    case "drop":
      return at.begun && code === CODE.namespaceNotFound;
    case "dropIndexes":
      return at.begun && code === CODE.indexNotFound;
    case "renameCollection": {
      if (!at.begun || code !== CODE.namespaceNotFound) return false;
      const to = String(command.to);
      const live = await liveIn(at, collection, to);
      return !live.has(collection) && live.has(to);
    }
    case "insert":
      return code === CODE.duplicateKey && await areThere(at, command);
    default:
      return false;
  }
}

/** Whether a collection that is there is what a command would have made. */
async function isAsAsked(at: Applying, command: Document): Promise<boolean> {
  const { collection } = subjectOf(command);
  const live = (await liveIn(at, collection)).get(collection);
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
      const [asked, there] = [options, live.options].map((some) =>
        // The server says more of a collation than it is told.
        name === "collation"
          ? entry(entry(some, name), "locale")
          : entry(some, name)
      );
      return canonicalText(asked) === canonicalText(there);
    });
}

/** Whether a collection has documents as they were to be inserted: others of the same `_id` are somebody else's. */
async function areThere(at: Applying, command: Document): Promise<boolean> {
  const documents: readonly Document[] = command.documents;
  const { collection } = subjectOf(command);
  const filter: Document = { _id: { $in: documents.map(({ _id }) => _id) } };
  const found = await at.db.collection(at.prefix + collection).find(filter)
    .toArray();
  const there = new Set(found.map(canonicalText));
  return documents.every((document) => there.has(canonicalText(document)));
}

/** Which documents are alike in what should be a unique index. */
async function doubles(
  { db, prefix }: Applying,
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
    const isMeant = command.indexes === undefined
      ? spec.name === named
      : spec.unique === true;
    if (!isMeant) continue;
    found.push(
      ...await duplicatesOf(db, table, { ...indexOf(spec), unique: true }),
    );
  }
  if (found.length === 0) return cause;
  return new MigrationError(found.join("; "), { cause });
}
