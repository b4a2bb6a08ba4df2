import { operandOf, type Operation } from "../../model/expression.ts";
import type { Field } from "../../model/field.ts";
import { fieldsNamed } from "../../model/keys.ts";
import type { AnyModel } from "../../model/types.ts";
import type { Executor } from "../statement/executor.ts";
import { identitiesOf } from "../statement/key_identity.ts";
import type { Mark, Marks } from "./marks.ts";

/** Marks of one model with the same fields, which one statement updates. */
export type Group = readonly [Mark, ...Mark[]];

/** The writes of a commit. */
export interface Plan {
  /** The updates, in their order. */
  readonly updates: readonly Group[];
  readonly deletes: readonly Mark[];
}

/** Returns the writes of marks, with one statement for each model, set of fields, and kinds of change. */
export async function planWrites(
  executor: Executor,
  marks: Marks,
): Promise<Plan> {
  const updates: Mark[] = [];
  const deletes: Mark[] = [];
  for (const mark of marks.values()) {
    if (mark.deleted) deletes.push(mark);
    else if (mark.set.size > 0) updates.push(mark);
  }
  const rounds = new Map<AnyModel, Iterator<number>>();
  for (const [model, group] of Map.groupBy(updates, modelOf)) {
    const identities = await rowIdentities(executor, model, group);
    if (new Set(identities).size < group.length) {
      rounds.set(model, repetitions(identities));
    }
  }
  return { updates: groupUpdates(updates, rounds), deletes };
}

/** Returns for each mark a value that is equal for marks of the same row. */
export function rowIdentities(
  executor: Executor,
  model: AnyModel,
  group: readonly Mark[],
): Promise<readonly unknown[]> {
  return identitiesOf(
    executor,
    model,
    fieldsNamed(model, model.primaryKey),
    group.map(({ key }) => key),
  );
}

/** The model of a mark. */
export function modelOf({ model }: Mark): AnyModel {
  return model;
}

/**
 * Groups marks that one statement can write: one model, the same fields, each row
 * once. A second instance of a row is in a later group.
 *
 * @param roundsOf of the marks of a model, in their order, how many earlier marks have the same row; missing if none has
 */
function groupUpdates(
  marks: readonly Mark[],
  roundsOf: ReadonlyMap<AnyModel, Iterator<number>>,
): readonly Group[] {
  const rounds: Map<string, [Mark, ...Mark[]]>[] = [];
  let last: Kind | undefined;
  let lastRound = 0;
  let lastGroup: Mark[] = [];
  for (const mark of marks) {
    const round: number = roundsOf.get(mark.model)?.next().value ?? 0;
    const isSame = last !== undefined && isOfKind(mark, last);
    if (isSame && round === lastRound) {
      lastGroup.push(mark);
      continue;
    }
    if (last === undefined || !isSame) last = kindOf(mark);
    const groups = rounds[round] ??= new Map();
    const group = groups.get(last.name);
    if (group === undefined) {
      const created: [Mark, ...Mark[]] = [mark];
      groups.set(last.name, created);
      lastGroup = created;
    } else {
      group.push(mark);
      lastGroup = group;
    }
    lastRound = round;
  }
  return rounds.flatMap((groups) => [...groups.values()]);
}

/** Returns for each value how many equal ones precede it. */
function repetitions(values: readonly unknown[]): Iterator<number> {
  const counts = new Map<unknown, number>();
  return values.values().map((value) => {
    const count = counts.get(value) ?? 0;
    counts.set(value, count + 1);
    return count;
  });
}

/** What the marks of a group have in common. */
interface Kind {
  readonly model: AnyModel;
  readonly fields: readonly Field[];
  /** The operation of each change; undefined for a plain value. */
  readonly operations: readonly (Operation | undefined)[];
  /** A text that is equal only for the same model, fields, and operations. */
  readonly name: string;
}

function kindOf({ model, set }: Mark): Kind {
  return {
    model,
    fields: [...set.keys()],
    operations: [...set.values()].map(operationOf),
    name: JSON.stringify([model.name, [...set].map(nameOfChange).sort()]),
  };
}

/** Whether a mark has this kind. */
function isOfKind({ model, set }: Mark, kind: Kind): boolean {
  if (model !== kind.model || set.size !== kind.fields.length) return false;
  return kind.fields.every((field, index) => {
    const value = set.get(field);
    return (value !== undefined || set.has(field)) &&
      operationOf(value) === kind.operations[index];
  });
}

function operationOf(value: unknown): Operation | undefined {
  return operandOf(value)?.operation;
}

function nameOfChange([{ name }, value]: readonly [Field, unknown]): string {
  return `${name} ${operationOf(value) ?? ""}`;
}
