import { QueryError } from "../../base/errors/mod.ts";
import { valueNamed } from "../../base/known_names.ts";
import type { Field } from "../../model/field.ts";
import { isRelatable } from "../../model/related_value.ts";
import type { AnyModel, Relation } from "../../model/types.ts";
import type { Models } from "../statement/models.ts";
import { fieldNamed } from "./field_names.ts";

/** A relation with the models and fields that its names stand for. */
export interface KnownRelation {
  readonly name: string;
  readonly relation: Relation;
  readonly target: AnyModel;
  /** Fields of the row, and the equal fields of the related rows, in the same order. */
  readonly local: readonly Field[];
  readonly foreign: readonly Field[];
}

/** The words of messages for a use of a relation: before the model, before the relation, and between the relation and the model. */
const ACTIONS = {
  include: ["include in", "include", "in"],
  filter: ["filter", "filter by", "of"],
  count: ["count related rows of", "count", "of"],
  insert: ["insert into", "insert", "of"],
} as const;

/**
 * Returns the relation of a name.
 *
 * @throws {QueryError} with the most similar relation if the name is unknown, and if the connection has no such model, or the fields have types that no relation compares
 */
export function relationNamed(
  model: AnyModel,
  name: string,
  models: Models,
  action: keyof typeof ACTIONS,
): KnownRelation {
  const [onModel, onRelation, preposition] = ACTIONS[action];
  const refuse = (problem: string, field: string): QueryError =>
    new QueryError(
      `Cannot ${onRelation} ${name} ${preposition} ${model.name}: ${problem}`,
      { model: model.name, field },
    );
  const relation = valueNamed(
    name,
    model.relations,
    ({ nearest }) =>
      new QueryError(
        `Cannot ${onModel} ${model.name}: it has no relation "${name}"`,
        { model: model.name, field: name, nearest },
      ),
  );
  const target = models.get(relation.model);
  if (target === undefined) {
    throw refuse(
      `this connection has no model ${relation.model}; add it to \`models\``,
      relation.model,
    );
  }
  const pairs = Object.entries(relation.on).map(([own, other]) =>
    [
      fieldNamed(model, own, onModel),
      fieldNamed(target, other, onRelation),
    ] as const
  );
  for (const [own, other] of pairs) {
    if (isRelatable(own.type, other.type)) continue;
    throw refuse(
      `${own.name} is ${own.type.kind}, but ${other.name} of ${target.name} is ${other.type.kind}, and no relation compares these types`,
      own.name,
    );
  }
  return {
    name,
    relation,
    target,
    local: pairs.map(([own]) => own),
    foreign: pairs.map(([, other]) => other),
  };
}
