import { list, named } from "../../codec/quote.ts";
import { type ChangeOf, isValidation } from "../../schema/change.ts";
import type { LiveConstraint } from "../../schema/introspect.ts";
import { addConstraint, createIndex } from "../../schema/recreate.ts";
import { shortName } from "../../schema/table.ts";
import {
  dropStatements,
  dropSteps,
  early,
  giving,
  isInTheWay,
  isKey,
} from "./dropped_constraints.ts";
import { isDropped } from "./indexes.ts";
import { validate } from "./not_null.ts";
import { isPartitioned } from "./partitions.ts";
import {
  concurrent,
  type FileContext,
  LONG,
  onSeveralTables,
  quick,
  type SqlStep,
  step,
} from "./planned_step.ts";

/** Adds, drops, replaces or validates a constraint. */
export function constraintSteps(
  change: ChangeOf<"constraint">,
  context: FileContext,
): SqlStep[] {
  const { table, from: before, to: after } = change;
  if (after === undefined) {
    return before === undefined ? [] : dropSteps(table, before, context);
  }
  if (before === undefined) return addSteps(table, after, context);
  if (isValidation(change)) return validated(table, after);
  if (isKey(before) && isKey(after)) {
    return keySteps(table, after, before, context);
  }
  if (isInTheWay(table, before, context) || !canStandBeside(before, after)) {
    return [early(table, before), ...addSteps(table, after, context)];
  }
  const beside = { ...after, name: shortName(`${after.name}_new`) };
  const dropped = dropStatements(table, before, context);
  return [
    ...addSteps(table, beside, context),
    giving(
      before.kind === "foreign",
      quick(
        "release",
        table,
        ...dropped,
        `ALTER TABLE ${named(table)} RENAME CONSTRAINT ${
          named(beside.name)
        } TO ${named(after.name)}`,
      ),
    ),
  ];
}

/** Returns whether a constraint can be added under another name before the one that it replaces is dropped. */
function canStandBeside(
  { kind: before }: LiveConstraint,
  { kind: after }: LiveConstraint,
): boolean {
  return before === after && (after === "check" || after === "foreign");
}

/** Adds a constraint to a table in use. */
function addSteps(
  table: string,
  constraint: LiveConstraint,
  context: FileContext,
): SqlStep[] {
  switch (constraint.kind) {
    case "check":
      return [
        quick("alter", table, notValid(table, constraint)),
        ...validated(table, constraint),
      ];
    case "foreign":
      return context.version >= 180000 || !isPartitioned(table, context.tables)
        ? [
          addLater(table, constraint, context),
          ...validated(table, constraint),
        ]
        : [addAtOnce(table, constraint)];
    case "primary":
    case "unique":
    case "exclusion":
      return keySteps(table, constraint, undefined, context);
  }
}

/** Builds the index of a key while others write, and turns it into the key. */
function keySteps(
  table: string,
  key: LiveConstraint,
  old: LiveConstraint | undefined,
  context: FileContext,
): SqlStep[] {
  const before = old === undefined ? [] : dropStatements(table, old, context);
  const words = key.kind === "primary" ? "PRIMARY KEY" : "UNIQUE";
  if (key.definition !== `${words} (${list(key.columns)})`) {
    return [{
      ...step("key", table, ...before, addConstraint(table, key)),
      ...LONG,
      ignored: [{
        rule: key.kind === "primary"
          ? "add-primary-key"
          : key.kind === "unique"
          ? "add-unique"
          : "exclusion-constraint",
        why: "the server cannot create it from an index",
      }],
      comments: [
        `Nobody can use ${table} during this step: the server cannot create this constraint from an index that is built beforehand.`,
      ],
    }];
  }
  const isFreedLater = isDropped(key.name, context);
  const name = isFreedLater || old?.name === key.name
    ? shortName(`${key.name}_new`)
    : key.name;
  const definition = `USING btree (${list(key.columns)})`;
  return [
    concurrent(
      "build",
      table,
      createIndex({ name, unique: true, definition }, table, "CONCURRENTLY "),
    ),
    giving(
      before.length > 1,
      quick(
        "key",
        table,
        ...before,
        `ALTER TABLE ${named(table)} ADD CONSTRAINT ${
          named(isFreedLater ? name : key.name)
        } ${words} USING INDEX ${named(name)}`,
      ),
    ),
    ...isFreedLater
      ? [
        quick(
          "swap",
          table,
          `ALTER TABLE ${named(table)} RENAME CONSTRAINT ${named(name)} TO ${
            named(key.name)
          }`,
        ),
      ]
      : [],
  ];
}

/** Adds a foreign key whose existing rows are checked in a later step. */
function addLater(
  table: string,
  key: LiveConstraint,
  { version, tables }: FileContext,
): SqlStep {
  return {
    ...onSeveralTables(step("refer", table, notValid(table, key))),
    ...version >= 180000 && isPartitioned(table, tables)
      ? { requires: ["pg>=18"] }
      : {},
  };
}

function addAtOnce(table: string, key: LiveConstraint): SqlStep {
  return {
    ...onSeveralTables(step("refer", table, addConstraint(table, key))),
    ...LONG,
    ignored: [{
      rule: "add-foreign-key-valid",
      why: "before PostgreSQL 18 a partitioned table cannot add it NOT VALID",
    }],
    comments: [
      `Nobody can write to ${table} or ${key.table} while the server reads all rows: before PostgreSQL 18 a partitioned table cannot add a foreign key NOT VALID.`,
    ],
  };
}

function validated(
  table: string,
  { kind, name, validated }: LiveConstraint,
): SqlStep[] {
  const phase = kind === "foreign" ? "trust" : "validate";
  return validated ? [validate(table, name, phase)] : [];
}

function notValid(table: string, constraint: LiveConstraint): string {
  return addConstraint(table, { ...constraint, validated: false });
}
