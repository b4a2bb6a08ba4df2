import type { Document } from "mongodb";
import { MigrationError } from "../../../base/errors/mod.ts";
import { EXIT } from "../../../base/errors/exit_codes.ts";
import type {
  Decision,
  DraftStep,
  Intent,
} from "../../../engine/migrations/mod.ts";
import type { Field } from "../../../model/field.ts";
import type { AnyModel } from "../../../model/types.ts";
import { valueProblem } from "../../../model/value_problem.ts";
import { encodeField } from "../../codec/encode_value.ts";
import type {
  LiveCollection,
  PrefixedDatabase,
} from "../../schema/live_collections.ts";
import type { FieldChange } from "../../schema/validator_rules.ts";
import { batchedUpdate } from "../steps/mongo_step.ts";
import { countedDocuments } from "./counted_documents.ts";

/** A collection and its model. */
export interface Modelled {
  readonly database: PrefixedDatabase;
  readonly model: AnyModel;
  readonly live: LiveCollection;
  readonly intent: Intent;
}

/** The steps that fill required fields, and questions about their values. */
export interface Fills {
  readonly steps: readonly DraftStep[];
  readonly decisions: readonly Decision[];
}

/** Fills fields that are now required in existing documents. */
export async function planFills(
  { database, model, live, intent }: Modelled,
  changes: readonly FieldChange[],
): Promise<Fills> {
  const steps: DraftStep[] = [];
  const decisions: Decision[] = [];
  for (const { field, before, rule } of changes) {
    const { column, nullable } = field;
    if (nullable || column === "_id" || rule?.nullable === false) continue;
    const name = `${model.table}.${column}`;
    const given = defaultOf(field, name, intent);
    if (given !== undefined) {
      const set = { $set: { [column]: given.value } };
      steps.push(batchedUpdate(model.table, withoutValue(column), set));
      continue;
    }
    const counted = await countedDocuments(
      database,
      live.name,
      withoutValue(before),
    );
    if (counted === undefined) continue;
    decisions.push({
      question:
        `Which value do existing documents get in ${name}, which may not be null (${counted} none)?`,
      options: [`--default ${name}=VALUE`, ".nullable() in the model"],
    });
  }
  return { steps, decisions };
}

/** Returns a filter for documents without a value in a field; a list that contains nulls is a value, although it equals null. */
function withoutValue(column: string): Document {
  return { [column]: null, [`${column}.0`]: { $exists: false } };
}

function defaultOf(
  field: Field,
  name: string,
  { defaults }: Intent,
): { readonly value: unknown } | undefined {
  const text = defaults.get(name);
  if (text === undefined) {
    return field.default === undefined
      ? undefined
      : { value: encodeField(field, field.default()) };
  }
  const value = parsedValue(field, text);
  const problem = valueProblem(field, value);
  if (problem === undefined) return { value: encodeField(field, value) };
  throw new MigrationError(
    `Cannot fill ${name}: the value given with --default ${problem}`,
    { exitCode: EXIT.usage },
  );
}

/** Returns a value from JSON, or from plain text if the field holds text. */
function parsedValue({ type }: Field, text: string): unknown {
  switch (type.kind) {
    case "string":
    case "uuid":
    case "enum":
      return /^".*"$/s.test(text) ? parsedJson(text) ?? text : text;
    case "date":
      return new Date(text.replaceAll('"', ""));
    case "int64":
      return /^-?\d+$/.test(text) ? BigInt(text) : text;
    default:
      return parsedJson(text) ?? text;
  }
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
