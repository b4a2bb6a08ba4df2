import type { Document } from "mongodb";
import type {
  Direction,
  LintProblem,
  Script,
} from "../../../engine/migrations/mod.ts";
import { commandIn, documentsIn, entry, isDocument, isTrue } from "./json.ts";
import { losses, lostData } from "./losses.ts";

/** Operators that do more the second time. */
const COUNTING = ["$inc", "$mul", "$push", "$pop", "$bit"];
/** Operators of expressions that do, where they take what the field has. */
const GROWING = [
  ...["$add", "$subtract", "$multiply", "$divide", "$pow"],
  ...["$concat", "$concatArrays"],
];

/**
 * What a file does that a live database may not stand, or that loses data
 * without saying so. A way back may drop an index that the way forward made.
 */
export function lint(
  { steps, destructive, ignored }: Script,
  direction: Direction,
): readonly LintProblem[] {
  const problems: LintProblem[] = [];
  const made = new Set<string>();
  const soft = new Set<string>();
  for (const { statements, repeat, line } of steps) {
    for (const text of statements) {
      const command = commandIn(text);
      const [name = "", collection = ""] = Object.entries(command)[0]?.map(
        String,
      ) ?? [];
      const add = (rule: string, problem: string): void => {
        problems.push({ rule, line, problem });
      };
      const lost = direction === "up" ? losses(command) : lostData(command);
      for (const loss of lost) {
        if (destructive.includes(loss)) continue;
        add(
          "destructive",
          `${name} loses data; say so: { "dbp": "destructive ${loss}" }`,
        );
      }
      if (name === "create") made.add(collection);
      if (name === "collMod" && isSoft(command)) soft.add(collection);
      if (made.has(collection)) continue;
      if (name === "createIndexes" && hasUnique(command)) {
        add(
          "unique-at-once",
          'a unique index on documents that are there fails at its end if two are alike; build it with "prepareUnique": true, then collMod it to "unique": true',
        );
      }
      if (name === "collMod" && isStrict(command) && !soft.has(collection)) {
        add(
          "strict-at-once",
          'programs that write by the old rules fail from this moment on; first collMod to "validationLevel": "moderate", "validationAction": "warn"',
        );
      }
      if (isWhole(name, command) && !repeat) {
        add(
          "update-at-once",
          `one ${name} of all documents runs long and cannot go on where it stopped; put { "dbp": "step repeat" } before it`,
        );
      }
      const again = notRepeatable(name, command);
      if (again !== undefined) add("not-repeatable", again);
    }
  }
  const rules = new Set(ignored.map(({ rule }) => rule));
  return problems.filter(({ rule }) => !rules.has(rule));
}

function isSoft(command: Document): boolean {
  return command.validationLevel === "moderate" ||
    command.validationLevel === "off" || command.validationAction === "warn";
}

function isStrict(command: Document): boolean {
  return isDocument(command.validator) &&
    Object.keys(command.validator).length > 0 && !isSoft(command);
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
      : "a step that broke off is run again, and documents without an _id would be there twice";
  }
  if (name !== "update") return undefined;
  const counting = documentsIn(command.updates).flatMap(({ u }) =>
    countingIn(u)
  );
  return counting.length === 0
    ? undefined
    : `a step that broke off is run again, and ${
      counting[0]
    } would count some documents twice; write a filter that leaves out those that are done, and ignore this rule`;
}

/** The operators of a change that make more of what is there. */
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

/** Whether an expression is, somewhere, this operator on this field. */
function grows(value: unknown, operator: string, field: string): boolean {
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(value).some(([key, inner]) =>
    (key === operator && [inner].flat().includes(field)) ||
    grows(inner, operator, field)
  );
}
