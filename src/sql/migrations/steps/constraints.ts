import { list, named } from "../../codec/quote.ts";
import { type ChangeOf, isValidation } from "../../schema/change.ts";
import type { LiveConstraint } from "../../schema/introspect.ts";
import { addConstraint, createIndex } from "../../schema/recreate.ts";
import { shortName } from "../../schema/table.ts";
import { validate } from "./not_null.ts";
import { isPartitioned } from "./partitions.ts";
import {
  concurrent,
  type FileContext,
  LONG,
  quick,
  RANK,
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
    return before === undefined ? [] : [dropConstraint(table, before)];
  }
  if (before === undefined) return addSteps(table, after, context);
  if (isValidation(change)) return validated(table, after);
  if (before.kind !== after.kind) {
    return [dropConstraint(table, before), ...addSteps(table, after, context)];
  }
  switch (after.kind) {
    case "check":
      return [
        dropConstraint(table, before),
        ...addSteps(table, after, context),
      ];
    case "foreign":
      return isReferencedKeyDropped(before, context)
        ? [dropConstraint(table, before), ...addSteps(table, after, context)]
        : [
          addLater(table, after, context, drop(table, before)),
          ...validated(table, after),
        ];
    case "primary":
    case "unique":
    case "exclusion":
      return keySteps(table, after, before, context);
  }
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

/** Drops a constraint; a foreign key before the key that it refers to. */
function dropConstraint(table: string, constraint: LiveConstraint): SqlStep {
  return {
    ...constraint.kind === "foreign"
      ? step("loosen", table, drop(table, constraint))
      : quick("alter", table, drop(table, constraint)),
    rank: RANK.dropped,
  };
}

/** Builds the index of a key while others write, and turns it into the key. */
function keySteps(
  table: string,
  key: LiveConstraint,
  old: LiveConstraint | undefined,
  { changes }: FileContext,
): SqlStep[] {
  const before = old === undefined ? [] : [drop(table, old)];
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
  const isOccupied = old?.name === key.name ||
    changes.some((change) =>
      change.kind === "index" && change.to === undefined &&
      change.from?.name === key.name
    );
  const name = isOccupied ? shortName(`${key.name}_new`) : key.name;
  const definition = `USING btree (${list(key.columns)})`;
  return [
    concurrent(
      "build",
      table,
      createIndex({ name, unique: true, definition }, table, "CONCURRENTLY "),
    ),
    quick(
      "key",
      table,
      ...before,
      `ALTER TABLE ${named(table)} ADD CONSTRAINT ${
        named(key.name)
      } ${words} USING INDEX ${named(name)}`,
    ),
  ];
}

function isReferencedKeyDropped(
  { table }: LiveConstraint,
  { changes }: FileContext,
): boolean {
  return changes.some((change) =>
    change.table === table &&
    (change.kind === "constraint"
      ? change.from !== undefined && !isValidation(change)
      : (change.kind === "table" || change.kind === "column") &&
        change.to === undefined)
  );
}

/** Adds a foreign key whose existing rows are checked in a later step. */
function addLater(
  table: string,
  key: LiveConstraint,
  { version, tables }: FileContext,
  ...before: string[]
): SqlStep {
  return {
    ...step("refer", table, ...before, notValid(table, key)),
    ...version >= 180000 && isPartitioned(table, tables)
      ? { requires: ["pg>=18"] }
      : {},
  };
}

function addAtOnce(table: string, key: LiveConstraint): SqlStep {
  return {
    ...step("refer", table, addConstraint(table, key)),
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

function drop(table: string, { name }: LiveConstraint): string {
  return `ALTER TABLE ${named(table)} DROP CONSTRAINT ${named(name)}`;
}
