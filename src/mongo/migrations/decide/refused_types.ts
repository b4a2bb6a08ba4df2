import type { Document } from "mongodb";
import type { Refusal } from "../../../migrations/plan/draft.ts";
import {
  type FieldChange,
  type Rule,
  ruleOf,
  ruleText,
  schemaOf,
} from "../../schema/validator_rules.ts";
import { countedDocuments } from "./counted_documents.ts";
import { commandsText } from "./refused_collections.ts";
import type { Modelled } from "./fills.ts";

/** Refuses changes of type that existing documents would violate. */
export async function refusedTypes(
  { database, model: { table }, live }: Modelled,
  changes: readonly FieldChange[],
): Promise<Refusal[]> {
  const refused: Refusal[] = [];
  for (const { field: { column, ...field }, before, rule } of changes) {
    const wanted = ruleOf(field);
    if (rule === undefined || !isNarrower(rule, wanted)) continue;
    const counted = await countedDocuments(
      database,
      live.name,
      violating(before, wanted),
    );
    if (counted === undefined) continue;
    refused.push({
      change: `change ${table}.${column} from ${ruleText(rule)} to ${
        ruleText(wanted)
      }: ${counted} another type or value`,
      sketch: sketchOf(table, column, wanted),
    });
  }
  return refused;
}

/** Returns a filter for documents whose value in a field breaks a rule. */
function violating(column: string, rule: Rule): Document {
  const properties = { [column]: schemaOf({ ...rule, nullable: true }) };
  return { $nor: [{ $jsonSchema: { properties } }] };
}

/** Returns whether a rule rejects a value other than null that the former rule accepts. */
function isNarrower(before: Rule, after: Rule): boolean {
  if (after.types.length > 0) {
    const allowed = new Set(after.types.flatMap(numberTypes));
    const isCovered = before.types.length > 0 &&
      before.types.flatMap(numberTypes).every((type) => allowed.has(type));
    if (!isCovered) return true;
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

function numberTypes(type: string): string[] {
  return type === "number" ? ["int", "long", "double", "decimal"] : [type];
}

function sketchOf(table: string, column: string, rule: Rule): string {
  const u = [{ $set: { [column]: valueOf(`$${column}`, rule) } }];
  return commandsText([
    { dbp: "step repeat" },
    {
      update: table,
      updates: [{ q: violating(column, rule), u, multi: true }],
    },
  ]);
}

/** Returns an expression that changes a value to one that the rule allows. An enum has nothing to convert: a person says which value becomes which. */
function valueOf(input: string, { types, values }: Rule): Document {
  if (values !== undefined) {
    const equal = { $eq: [input, "previous value"] };
    const branches = [{ case: equal, then: "new value" }];
    return { $switch: { branches, default: input } };
  }
  const [type = "string"] = types;
  return { $convert: { input, to: type === "number" ? "double" : type } };
}
