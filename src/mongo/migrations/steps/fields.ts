import type { Document } from "mongodb";
import { MigrationError } from "../../../base/errors/mod.ts";
import { EXIT } from "../../../base/errors/exit_codes.ts";
import type {
  Decision,
  DraftStep,
  Intent,
  SchemaPlan,
} from "../../../engine/migrations/mod.ts";
import type { Field } from "../../../model/field.ts";
import type { AnyModel } from "../../../model/types.ts";
import { valueProblem } from "../../../model/value_problem.ts";
import {
  inWords,
  type Rule,
  ruleOf,
  schemaOf,
} from "../../schema/validator_rules.ts";
import { encodeField } from "../../codec/encode_value.ts";
import { printed } from "../file/json.ts";
import type { Live, View } from "../compare/live_collections.ts";
import { inParts } from "./part.ts";

/** A field that was there under some name, or is new. */
export interface FieldChange {
  readonly field: Field;
  /** The name it has in the documents that are there. */
  readonly before: string;
  /** What was asked of it; undefined for nothing. */
  readonly rule: Rule | undefined;
}

/** A collection whose fields are looked at. */
export interface Fields {
  readonly view: View;
  readonly model: AnyModel;
  readonly live: Live;
  readonly intent: Intent;
}

/** What fills fields that may be empty no more, and what there is to ask. */
export interface Fills {
  readonly steps: readonly DraftStep[];
  readonly decisions: readonly Decision[];
}

/** Values for documents that are there, in fields that must have one from now on. */
export async function planFills(
  subject: Fields,
  changes: readonly FieldChange[],
): Promise<Fills> {
  const { view, model, live, intent } = subject;
  const steps: DraftStep[] = [];
  const decisions: Decision[] = [];
  for (const { field, before, rule } of changes) {
    const { column, nullable } = field;
    if (nullable || column === "_id" || rule?.nullable === false) continue;
    const name = `${model.table}.${column}`;
    const given = defaultOf(field, name, intent);
    if (given !== undefined) {
      steps.push(
        inParts(model.table, lacking(column), {
          $set: { [column]: given.value },
        }),
      );
      continue;
    }
    const count = await view.db.collection(view.prefix + live.name)
      .countDocuments(lacking(before), { limit: COUNTED });
    if (count === 0) continue;
    decisions.push({
      question: `${name} may not be empty, and ${
        count === COUNTED ? `${count} documents or more have` : documents(count)
      } none: what do they get? Else make it nullable in the model.`,
      options: [`--default ${name}=VALUE`],
    });
  }
  return { steps, decisions };
}

/** Changes of type that documents would break which are there: a person must say what becomes of their values. */
export async function refusedTypes(
  { view, model, live }: Fields,
  changes: readonly FieldChange[],
): Promise<SchemaPlan["refused"]> {
  const refused: SchemaPlan["refused"][number][] = [];
  for (const { field, before, rule } of changes) {
    const wanted = ruleOf(field);
    if (rule === undefined || !isNarrower(rule, wanted)) continue;
    const found = await view.db.collection(view.prefix + live.name)
      .countDocuments({
        $nor: [{
          $jsonSchema: {
            properties: { [before]: schemaOf({ ...wanted, nullable: true }) },
          },
        }],
      });
    if (found === 0) continue;
    const name = `${model.table}.${field.column}`;
    refused.push({
      change: `${name} was ${inWords(rule)} and is to be ${
        inWords(wanted)
      }, which ${documents(found)} not`,
      sketch: sketchOf(model.table, field.column, wanted),
    });
  }
  return refused;
}

/** What documents get that lack what is derived, before it has an index. */
export function planDerived(
  { model }: Pick<Fields, "model">,
  lacking: ReadonlySet<string>,
): DraftStep[] {
  return [...model.mongo.derived].filter(([name]) => lacking.has(name)).map(
    ([name, { expression }]) =>
      inParts(
        model.table,
        { [name]: { $exists: false } },
        [{
          $set: {
            [name]: expression((source) =>
              `$${model.byName.get(source)?.column ?? source}`
            ),
          },
        }],
      ),
  );
}

/** The documents that have no value in a field; one that holds a list has one, though nulls are in it, which a comparison with null finds. */
function lacking(column: string): Document {
  return { [column]: null, [`${column}.0`]: { $exists: false } };
}

/** No more are counted. */
const COUNTED = 10_000;

function documents(count: number): string {
  return count === 1 ? "1 document has" : `${count} documents have`;
}

function defaultOf(
  field: Field,
  name: string,
  { defaults }: Intent,
): { readonly value: unknown } | undefined {
  const said = defaults.get(name);
  if (said === undefined) {
    return field.default === undefined
      ? undefined
      : { value: encodeField(field, field.default()) };
  }
  const value = valueOf(field, said);
  const reason = valueProblem(field, value);
  if (reason === undefined) return { value: encodeField(field, value) };
  throw new MigrationError(
    `The default of ${name} cannot be written: it ${reason}`,
    { exitCode: EXIT.usage },
  );
}

/** JSON, or text as it is where the field holds text. */
function valueOf({ type }: Field, said: string): unknown {
  switch (type.kind) {
    case "string":
    case "uuid":
    case "enum":
      return /^".*"$/s.test(said) ? parsed(said) ?? said : said;
    case "date":
      return new Date(said.replaceAll('"', ""));
    case "int64":
      return /^-?\d+$/.test(said) ? BigInt(said) : said;
    default:
      return parsed(said) ?? said;
  }
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/** Whether a rule refuses something besides null that another lets be. */
function isNarrower(before: Rule, after: Rule): boolean {
  if (after.types.length > 0) {
    const allowed = new Set(after.types.flatMap(kinds));
    const all = before.types.length > 0 &&
      before.types.flatMap(kinds).every((type) => allowed.has(type));
    if (!all) return true;
  }
  if (
    after.values !== undefined &&
    before.values?.every((value) => after.values?.includes(value)) !== true
  ) return true;
  if (after.items === undefined) return false;
  return before.items === undefined ||
    isNarrower(before.items, after.items) ||
    (before.items.nullable && !after.items.nullable);
}

function kinds(type: string): string[] {
  return type === "number" ? ["int", "long", "double", "decimal"] : [type];
}

function sketchOf(table: string, column: string, rule: Rule): string {
  const [type = "string"] = rule.types;
  const wrong: Document = {
    $nor: [{
      $jsonSchema: {
        properties: { [column]: schemaOf({ ...rule, nullable: true }) },
      },
    }],
  };
  const change = {
    $convert: { input: `$${column}`, to: type === "number" ? "double" : type },
  };
  return [
    { dbp: "step repeat" },
    {
      update: table,
      updates: [{ q: wrong, u: [{ $set: { [column]: change } }], multi: true }],
    },
  ].map((command) => printed(command, "")).join(",\n");
}
