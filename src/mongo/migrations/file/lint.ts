import type { Document } from "mongodb";
import type {
  Direction,
  LintProblem,
  Script,
} from "../../../engine/migrations/mod.ts";
import {
  documentsIn,
  entry,
  isDocument,
  isTrue,
} from "../../schema/documents.ts";
import { subjectOf } from "./command.ts";
import { losses, lostData } from "./losses.ts";
import { commandsOf } from "./step_commands.ts";

/** Update operators that change a document again when they run twice. */
const COUNTING = ["$inc", "$mul", "$push", "$pop", "$bit"];
/** Expression operators that do so if they read the field that they set. */
const GROWING = [
  ...["$add", "$subtract", "$multiply", "$divide", "$pow"],
  ...["$concat", "$concatArrays"],
];
/**
 * Returns the rules that a file breaks and does not ignore. A down migration
 * may drop an index without a `dbp:destructive` line.
 */
export function lint(
  { steps, destructive, ignored }: Script,
  direction: Direction,
): readonly LintProblem[] {
  const problems: LintProblem[] = [];
  const created = new Set<string>();
  const moderate = new Set<string>();
  for (const step of steps) {
    const { repeat, line } = step;
    for (const command of commandsOf(step)) {
      const { name, collection } = subjectOf(command);
      const add = (rule: string, problem: string): void => {
        problems.push({ rule, line, problem });
      };
      const lost = direction === "up" ? losses(command) : lostData(command);
      for (const loss of lost) {
        if (destructive.includes(loss)) continue;
        add(
          "destructive",
          `${name} loses data. If that is intended, add the element { "dbp": "destructive ${loss}" }`,
        );
      }
      if (name === "create") created.add(collection);
      if (name === "collMod" && isModerate(command)) moderate.add(collection);
      if (created.has(collection)) continue;
      if (name === "createIndexes" && hasUnique(command)) {
        add(
          "unique-at-once",
          'A unique index on existing documents fails at the end of the build if two documents are equal. Build it with "prepareUnique": true, then change it with collMod to "unique": true',
        );
      }
      if (
        name === "collMod" && isStrict(command) && !moderate.has(collection)
      ) {
        add(
          "strict-at-once",
          'Strict rules make writes of running programs fail immediately if they follow the old rules. First use collMod with "validationLevel": "moderate" and "validationAction": "warn"',
        );
      }
      if (isWhole(name, command) && !repeat) {
        add(
          "update-at-once",
          `One ${name} of all documents takes long and cannot continue after an interruption. Put { "dbp": "step repeat" } before it`,
        );
      }
      const again = notRepeatable(name, command);
      if (again !== undefined) add("not-repeatable", again);
    }
  }
  const rules = new Set(ignored.map(({ rule }) => rule));
  return problems.filter(({ rule }) => !rules.has(rule));
}

function isModerate(command: Document): boolean {
  return command.validationLevel === "moderate" ||
    command.validationLevel === "off" || command.validationAction === "warn";
}

function isStrict(command: Document): boolean {
  return isDocument(command.validator) &&
    Object.keys(command.validator).length > 0 && !isModerate(command);
}

function hasUnique({ indexes }: Document): boolean {
  return documentsIn(indexes).some((index) => isTrue(entry(index, "unique")));
}

function isWhole(name: string, command: Document): boolean {
  if (name === "update") {
    return documentsIn(command.updates).some((part) =>
      entry(part, "multi") === true
    );
  }
  return name === "delete" &&
    documentsIn(command.deletes).some((part) =>
      Number(entry(part, "limit")) === 0
    );
}

function notRepeatable(name: string, command: Document): string | undefined {
  if (name === "insert") {
    return documentsIn(command.documents).every((one) =>
        Object.hasOwn(one, "_id")
      )
      ? undefined
      : "An interrupted step runs again, so documents without an _id would be inserted twice. Give each document an _id";
  }
  if (name !== "update") return undefined;
  const counting = documentsIn(command.updates).flatMap(({ u }) =>
    countingIn(u)
  );
  return counting.length === 0
    ? undefined
    : `An interrupted step runs again, so ${
      counting[0]
    } would change some documents twice. Exclude changed documents in the filter, and ignore this rule`;
}

/** Returns the operators of a change that would change a document again. */
function countingIn(change: unknown): readonly string[] {
  if (!Array.isArray(change)) {
    return isDocument(change)
      ? Object.keys(change).filter((key) => COUNTING.includes(key))
      : [];
  }
  return change.flatMap((stage) => {
    const set = entry(stage, "$set") ?? entry(stage, "$addFields");
    return Object.entries(isDocument(set) ? set : {}).flatMap((
      [field, value],
    ) => GROWING.filter((key) => grows(value, key, `$${field}`)));
  });
}

/** Returns whether an expression applies this operator to this field, at any depth. */
function grows(value: unknown, operator: string, field: string): boolean {
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(value).some(([key, inner]) =>
    (key === operator && [inner].flat().includes(field)) ||
    grows(inner, operator, field)
  );
}
