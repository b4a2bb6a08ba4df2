import { messageOf } from "../../../base/errors/mod.ts";
import type { Document } from "mongodb";
import type { AnyModel } from "../../../model/types.ts";
import {
  columnsOf,
  propertyOf,
  requiredIn,
  rulesText,
} from "../compare/validator.ts";
import { subjectOf, type Target } from "../file/command.ts";
import {
  documentsIn,
  entry,
  isDocument,
  isTrue,
} from "../../schema/documents.ts";
import { textOf } from "../file/json.ts";
import { exampleText } from "../run/offending_documents.ts";
import {
  type LiveCollection,
  liveCollections,
} from "../../schema/live_collections.ts";

/** The number at which the count of documents stops. */
const MOST = 1000;
/** Milliseconds for which the server may count for one rule. */
const TIMEOUT = 30_000;

/** What commands do to an existing collection. */
interface Planned {
  readonly live: LiveCollection;
  /** Its indexes by name, those that the commands create included. */
  readonly indexes: Map<string, Document>;
  /** The names of the indexes that become unique. */
  readonly unique: Set<string>;
  /** The fields whose values the commands change. */
  readonly changed: Set<string>;
  validator: Document | undefined;
}

/**
 * Counts the existing documents that would make commands fail: one line for each
 * new unique index, and for each collection with new rules, that documents
 * break. Fields that the commands fill or rename are not counted.
 */
export async function violations(
  target: Target,
  models: readonly AnyModel[],
  commands: readonly Document[],
): Promise<string[]> {
  const existing = await liveCollections(target);
  const planned = new Map<string, Planned>();
  for (const command of commands) {
    const { name, collection } = subjectOf(command);
    const live = existing.get(collection);
    if (live === undefined) continue;
    const own = planned.get(collection) ?? {
      live,
      indexes: new Map(live.indexes.map(({ name, spec }) => [name, spec])),
      unique: new Set<string>(),
      changed: new Set<string>(),
      validator: undefined,
    };
    planned.set(collection, own);
    note(name, command, own);
  }
  const found: string[] = [];
  for (const one of planned.values()) {
    for (const name of one.unique) {
      found.push(...await duplicates(target, one, name));
    }
    found.push(...await offenders(target, models, one));
  }
  return found;
}

function note(name: string, command: Document, planned: Planned): void {
  const { indexes, unique, changed } = planned;
  switch (name) {
    case "createIndexes":
      for (const index of documentsIn(command.indexes)) {
        const own = String(entry(index, "name"));
        indexes.set(own, index);
        if (isTrue(entry(index, "unique"))) unique.add(own);
      }
      break;
    case "collMod": {
      const own = entry(command.index, "name");
      if (own !== undefined && isTrue(entry(command.index, "unique"))) {
        unique.add(String(own));
      }
      if (isDocument(command.validator)) planned.validator = command.validator;
      break;
    }
    case "update":
      for (const part of documentsIn(command.updates)) {
        for (const field of fieldsIn(entry(part, "u"))) changed.add(field);
      }
  }
}

/** Returns the fields that an update sets or removes. */
function fieldsIn(change: unknown): string[] {
  if (Array.isArray(change)) return change.flatMap(fieldsIn);
  return Object.entries(isDocument(change) ? change : {}).flatMap((
    [operator, value],
  ) =>
    isDocument(value)
      ? Object.keys(value)
      : operator === "$unset"
      ? [value].flat().map(String)
      : []
  );
}

async function duplicates(
  { db, prefix }: Target,
  { live: { name: collection }, indexes, changed }: Planned,
  name: string,
): Promise<string[]> {
  const spec = indexes.get(name);
  const key = entry(spec, "key");
  const keys = Object.keys(isDocument(key) ? key : {});
  if (keys.length === 0 || keys.some((one) => changed.has(one))) return [];
  const partial = entry(spec, "partialFilterExpression");
  const what = `the unique index ${name} of ${collection}`;
  try {
    const [found] = await db.collection(prefix + collection).aggregate([
      ...isDocument(partial) ? [{ $match: partial }] : [],
      {
        $group: {
          // A missing field is equal to null in an index.
          _id: keys.map((one) => ({ $ifNull: [`$${one}`, null] })),
          documents: { $sum: 1 },
        },
      },
      { $match: { documents: { $gt: 1 } } },
      { $limit: MOST },
      {
        $group: {
          _id: null,
          documents: { $sum: "$documents" },
          values: { $sum: 1 },
          example: { $first: "$_id" },
        },
      },
    ], { allowDiskUse: true, maxTimeMS: TIMEOUT }).toArray();
    if (found === undefined) return [];
    const values = Number(found.values);
    return [
      `Existing documents violate ${what}: ${
        counted(Number(found.documents))
      } share ${values === 1 ? "1 value" : `${values} values`} of (${
        keys.join(", ")
      }), such as (${found.example.map(valueText).join(", ")})`,
    ];
  } catch (error) {
    return [notCounted(what, error)];
  }
}

async function offenders(
  target: Target,
  models: readonly AnyModel[],
  { live, validator, changed }: Planned,
): Promise<string[]> {
  if (validator === undefined || columnsOf(validator).length === 0) return [];
  if (rulesText(validator) === rulesText(live.validator)) return [];
  const what = `the rules of ${live.name}`;
  const rules = withoutFields(validator, changed);
  try {
    const found = await target.db.collection(target.prefix + live.name).find({
      $nor: [rules],
    }, { limit: MOST + 1, projection: { _id: 1 }, maxTimeMS: TIMEOUT })
      .toArray();
    if (found.length === 0) return [];
    return [
      `Existing documents violate ${what}: ${
        counted(found.length)
      }${await exampleText(target, models, live.name, rules)}`,
    ];
  } catch (error) {
    return [notCounted(what, error)];
  }
}

/** Returns rules that do not describe some fields. */
function withoutFields(
  validator: Document,
  fields: ReadonlySet<string>,
): Document {
  const columns = columnsOf(validator).filter((column) => !fields.has(column));
  const required = requiredIn(validator).filter((column) =>
    !fields.has(column)
  );
  return fields.size === 0 ? validator : {
    $jsonSchema: {
      ...required.length === 0 ? {} : { required },
      properties: Object.fromEntries(
        columns.map((column) => [column, propertyOf(validator, column)]),
      ),
    },
  };
}

function counted(count: number): string {
  return count > MOST
    ? `more than ${MOST} documents`
    : count === 1
    ? "1 document"
    : `${count} documents`;
}

function valueText(value: unknown): string {
  return typeof value === "bigint" || typeof value === "string"
    ? String(value)
    : textOf(value);
}

function notCounted(what: string, error: unknown): string {
  const reason = messageOf(error);
  return `The existing documents were not counted for ${what}: ${reason}`;
}
