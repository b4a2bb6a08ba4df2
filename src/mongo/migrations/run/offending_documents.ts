import type { Document } from "mongodb";
import { LockError, MigrationError } from "../../../base/errors/mod.ts";
import type { AnyModel } from "../../../model/types.ts";
import { send, type Target } from "../file/command.ts";
import { textOf } from "../file/json.ts";
import {
  type LiveCollection,
  liveCollections,
} from "../../schema/live_collections.ts";
import {
  columnsOf,
  propertyOf,
  requiredIn,
  rulesText,
} from "../compare/validator.ts";

/**
 * Sends a collMod. If the new rules refuse more documents, it first makes them
 * moderate and counts the existing documents that break them. Meanwhile no
 * document can start to break the rules, so the count is complete.
 *
 * @param between called after the count, which may take long
 * @throws {MigrationError} with the number of such documents and one of them;
 * then the rules stay as they were
 */
export async function sendRules(
  target: Target,
  models: readonly AnyModel[],
  command: Document,
  limit: number | undefined,
  between: () => Promise<void>,
): Promise<void> {
  const name = String(command.collMod);
  const live = (await liveCollections(target, name)).get(name);
  const rules: Document = command.validator ?? live?.validator ?? {};
  const level = command.validationLevel ?? live?.level;
  const action = command.validationAction ?? live?.action;
  if (
    live === undefined || Object.keys(rules).length === 0 ||
    level !== "strict" || action !== "error" || isSame(live, rules)
  ) {
    await send(target, command, limit);
    return;
  }
  await send(target, {
    collMod: name,
    validator: rules,
    validationLevel: "moderate",
    validationAction: "error",
  });
  try {
    const count = await countOf(target, name, rules, limit);
    await between();
    if (count > 0) throw await refusal(target, models, live, rules, count);
  } catch (error) {
    // Without the lock, nothing may be changed.
    if (!(error instanceof LockError)) {
      await send({ ...target, session: undefined }, {
        collMod: name,
        validator: live.validator ?? {},
        validationLevel: live.level,
        validationAction: live.action,
      });
    }
    throw error;
  }
  await send(target, command, limit);
}

/** Counts the documents that break rules. */
async function countOf(
  { db, prefix, session }: Target,
  name: string,
  rules: Document,
  limit: number | undefined,
): Promise<number> {
  const [counted] = await db.collection(prefix + name).aggregate([
    { $match: { $nor: [rules] } },
    { $count: "count" },
  ], {
    ...limit === undefined ? {} : { maxTimeMS: limit },
    ...session === undefined ? {} : { session },
  }).toArray();
  return Number(counted?.count ?? 0);
}

/** Returns the error for documents that break rules, with one of them. */
async function refusal(
  target: Target,
  models: readonly AnyModel[],
  { name, level, action }: LiveCollection,
  rules: Document,
  count: number,
): Promise<MigrationError> {
  return new MigrationError(
    `${count} ${
      count === 1 ? "document" : "documents"
    } of ${name} would break the rules${await exampleText(
      target,
      models,
      name,
      rules,
    )}. Correct them; until then the rules stay ${level} and ${action}`,
  );
}

/** Names a document that breaks rules, and its fields that do: `, for example oid ZTF1 (mag)`; empty if there is none. */
export async function exampleText(
  target: Target,
  models: readonly AnyModel[],
  name: string,
  rules: Document,
): Promise<string> {
  const { db, prefix } = target;
  const example = await db.collection(prefix + name).findOne({ $nor: [rules] });
  if (example === null) return "";
  const columns = await brokenBy(target, name, rules, example);
  return `, for example ${keyOf(models, name, example)}${
    columns.length === 0 ? "" : ` (${columns.join(", ")})`
  }`;
}

function isSame(live: LiveCollection, rules: Document): boolean {
  return live.level === "strict" && live.action === "error" &&
    rulesText(live.validator) === rulesText(rules);
}

/** Returns the fields of a document that break rules. */
async function brokenBy(
  { db, prefix }: Target,
  name: string,
  rules: Document,
  { _id }: Document,
): Promise<string[]> {
  const required = requiredIn(rules);
  const broken: string[] = [];
  for (const column of columnsOf(rules)) {
    const found = await db.collection<{ _id: unknown }>(prefix + name).findOne({
      _id,
      $nor: [{
        $jsonSchema: {
          ...required.includes(column) ? { required: [column] } : {},
          properties: { [column]: propertyOf(rules, column) },
        },
      }],
    });
    if (found !== null) broken.push(column);
  }
  return broken;
}

function keyOf(
  models: readonly AnyModel[],
  name: string,
  document: Document,
): string {
  const model = models.find(({ table }) => table === name);
  const columns = (model?.primaryKey ?? []).map((field) =>
    model?.byName.get(String(field))?.column ?? String(field)
  ).filter((column) => Object.hasOwn(document, column));
  return (columns.length === 0 ? ["_id"] : columns)
    .map((column) => `${column} ${valueText(document[column])}`).join(", ");
}

function valueText(value: unknown): string {
  return typeof value === "bigint" ? String(value) : textOf(value);
}
