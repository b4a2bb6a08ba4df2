import { operandOf } from "../../model/expression.ts";
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
  let last: { readonly mark: Mark; readonly target: string } | undefined;
  for (const mark of marks) {
    const { name } = mark.model;
    const round: number = roundsOf.get(mark.model)?.next().value ?? 0;
    const target = last !== undefined && hasSameChanges(mark, last.mark)
      ? last.target
      : JSON.stringify([name, [...mark.set].map(nameOfChange).sort()]);
    last = { mark, target };
    const groups = rounds[round] ??= new Map();
    const group = groups.get(target);
    if (group === undefined) groups.set(target, [mark]);
    else group.push(mark);
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

/** Whether two marks make the same kind of change to the same fields of a model, in the same order. */
function hasSameChanges(mark: Mark, other: Mark): boolean {
  if (mark.model !== other.model || mark.set.size !== other.set.size) {
    return false;
  }
  const others = other.set.keys();
  for (const [field, value] of mark.set) {
    if (
      field !== others.next().value ||
      operandOf(value)?.operation !==
        operandOf(other.set.get(field))?.operation
    ) return false;
  }
  return true;
}

function nameOfChange([{ name }, value]: readonly [Field, unknown]): string {
  return `${name} ${operandOf(value)?.operation ?? ""}`;
}
