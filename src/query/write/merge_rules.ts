import { QueryError } from "../../base/errors/mod.ts";
import { isPlain } from "../../base/is_plain.ts";
import { type NamesOf, namesOf } from "../../base/known_names.ts";
import { nearest } from "../../base/nearest.ts";
import type { Field } from "../../model/field.ts";
import { isNeverUpdated } from "../../model/server_filling.ts";
import type { AnyModel } from "../../model/types.ts";
import { fieldNamed } from "../checks/field_names.ts";
import { neverUpdatedText } from "../checks/updatable.ts";
import type { Combination, UpsertStatement } from "../statement/statement.ts";

/**
 * How `bulkUpsert` combines the value of a row with that of the existing row:
 *
 * - `"replace"`: the value of the row, also if it is null
 * - `"keep"`: the existing value, also if it is null
 * - `"least"`, `"greatest"`: the lesser or the greater of both; null counts as
 *   missing, so the other one is stored. Of equal values, the existing one is kept
 * - `"ifNull"`: the existing value, and that of the row only if it is null
 */
export type MergeRule = "replace" | "keep" | "least" | "greatest" | "ifNull";

/**
 * A rule for each field; `"*"` is the rule of the other fields (default:
 * `"replace"`). Fields of the key have none.
 */
export type MergeRules<Row, Key extends keyof Row = never> =
  & { readonly [F in Exclude<keyof Row, Key>]?: MergeRule | undefined }
  & { readonly "*"?: MergeRule | undefined };

/** The parts of a statement that say how a row changes an existing one. */
export type MergePlan = Pick<UpsertStatement, "update" | "merge">;

const RULES: NamesOf<Record<MergeRule, unknown>> = {
  replace: true,
  keep: true,
  least: true,
  greatest: true,
  ifNull: true,
};
const RULE_NAMES = namesOf(RULES);
const OTHERS = "*";

/**
 * Returns what a row changes in an existing one: the fields that it writes, and
 * those of them that it combines with the existing value.
 *
 * @param key the fields of the key
 * @param update the fields of the option `update`, which replace values
 * @throws {QueryError} with the wrong field or rule, and the nearest right one
 */
export function compileRules(
  model: AnyModel,
  key: ReadonlySet<string>,
  update: readonly Field[] | undefined,
  merge: unknown,
): MergePlan {
  const rules = rulesOf(model, key, update, merge);
  const writable = model.fields.filter((field) =>
    !isNeverUpdated(field) && !key.has(field.name)
  );
  const others = rules.get(OTHERS) ??
    (update === undefined ? "replace" : "keep");
  const ruleOf = (field: Field): MergeRule =>
    rules.get(field.name) ?? (update?.includes(field) ? "replace" : others);
  const combined = new Map<Field, Combination>();
  for (const field of writable) {
    const rule = ruleOf(field);
    if (rule === "replace" || rule === "keep") continue;
    if (rule !== "ifNull" && field.type.kind === "json") {
      throw refusal(
        model,
        field.name,
        `${rule} cannot compare ${field.name}, because JSON has no order; give it another rule`,
      );
    }
    combined.set(field, rule);
  }
  const written = writable.filter((field) => ruleOf(field) !== "keep");
  return {
    update: written.length === model.fields.length - key.size
      ? undefined
      : written,
    merge: combined,
  };
}

function rulesOf(
  model: AnyModel,
  key: ReadonlySet<string>,
  update: readonly Field[] | undefined,
  merge: unknown,
): ReadonlyMap<string, MergeRule> {
  const rules = new Map<string, MergeRule>();
  if (!isPlain(merge)) {
    throw refusal(
      model,
      "merge",
      'merge must be an object like { lastmjd: "greatest" }',
    );
  }
  for (const [name, rule] of Object.entries(merge)) {
    if (rule === undefined) continue;
    if (!isRule(rule)) {
      throw refusal(
        model,
        name,
        `the rule of ${name} must be one of ${[...RULE_NAMES].join(", ")}`,
        nearest(String(rule), RULE_NAMES),
      );
    }
    if (name !== OTHERS) assertMergeable(model, key, name);
    if (update?.some((field) => field.name === name)) {
      throw refusal(
        model,
        name,
        `update and merge both name ${name}; name it in one of them`,
      );
    }
    rules.set(name, rule);
  }
  if (update !== undefined && rules.has(OTHERS)) {
    throw refusal(
      model,
      "merge",
      'update and the rule of "*" both decide about the other fields; pass one of them',
    );
  }
  return rules;
}

function assertMergeable(
  model: AnyModel,
  key: ReadonlySet<string>,
  name: string,
): void {
  const field = fieldNamed(model, name, "upsert");
  if (key.has(name)) {
    throw refusal(
      model,
      name,
      `merge cannot name ${name}: it is part of the key, which is equal in both rows`,
    );
  }
  if (!isNeverUpdated(field)) return;
  throw refusal(
    model,
    name,
    `merge cannot name ${name}: it ${neverUpdatedText(field)}`,
  );
}

function isRule(rule: unknown): rule is MergeRule {
  return typeof rule === "string" && RULE_NAMES.has(rule);
}

function refusal(
  model: AnyModel,
  field: string,
  problem: string,
  nearest?: string,
): QueryError {
  return new QueryError(`Cannot upsert ${model.name}: ${problem}`, {
    model: model.name,
    field,
    nearest,
  });
}
