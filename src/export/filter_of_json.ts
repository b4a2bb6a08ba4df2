import { QueryError } from "../base/errors/mod.ts";
import { fromJson } from "../load/values/from_json.ts";
import type { Field, FieldType } from "../model/field.ts";
import { isRecord } from "../model/option_shape.ts";
import type { AnyModel } from "../model/types.ts";
import { jsonProblem, parseExactJson } from "../files/read/exact_json.ts";

/**
 * Returns the filter of a JSON text. 64-bit integers are exact. What JSON has no
 * form for is a text, as in NDJSON: dates, bytes, NaN, and infinities.
 *
 * @param models the models that relations may name
 * @throws {QueryError} if the text is not a JSON object, or a value does not fit its field
 */
export function filterOfJson(
  model: AnyModel,
  models: readonly AnyModel[],
  text: string,
): object {
  const refuse = (problem: string): never => {
    throw new QueryError(
      `Cannot filter ${model.name}: the filter ${problem}`,
      { model: model.name, field: "filter" },
    );
  };
  const parsed = (): unknown => {
    try {
      return parseExactJson(text);
    } catch (error) {
      return refuse(jsonProblem(error));
    }
  };
  const filter = parsed();
  return isRecord(filter)
    ? typedFilter(model, models, filter)
    : refuse('must be a JSON object, like {"mjd":{"gte":59000}}');
}

type Members = Readonly<Record<string, unknown>>;

function typedFilter(
  model: AnyModel,
  models: readonly AnyModel[],
  filter: Members,
): Members {
  const inner = (value: unknown, of = model): unknown => {
    if (Array.isArray(value)) return value.map((one) => inner(one, of));
    return isRecord(value) ? typedFilter(of, models, value) : value;
  };
  return mapped(filter, (value, name) => {
    const field = model.byName.get(name);
    if (field !== undefined) return typedCondition(model, field, value);
    if (["and", "or", "not"].includes(name)) return inner(value);
    const relation = model.relations.get(name);
    const related = models.find(({ name }) => name === relation?.model);
    return related !== undefined && isRecord(value)
      ? mapped(value, (condition) => inner(condition, related))
      : value;
  });
}

/** Returns the condition of a field with values of its type. */
function typedCondition(
  model: AnyModel,
  field: Field,
  condition: unknown,
): unknown {
  const { type, name } = field;
  if (type.kind === "json") return condition;
  const item: FieldType = type.kind === "array" ? type.item : type;
  const typed = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(typed);
    return value === null ? value : fromJson(item, value, (reason) => {
      throw new QueryError(
        `Cannot filter ${model.name}: ${name} ${reason}`,
        { model: model.name, field: name },
      );
    });
  };
  return isRecord(condition) ? mapped(condition, typed) : typed(condition);
}

function mapped(
  members: Members,
  change: (value: unknown, name: string) => unknown,
): Members {
  return Object.fromEntries(
    Object.entries(members).map(([name, value]) => [name, change(value, name)]),
  );
}
