import { list, named } from "../../codec/quote.ts";
import {
  type Change,
  type ChangeOf,
  isValidation,
} from "../../schema/change.ts";
import type { LiveConstraint } from "../../schema/introspect.ts";
import { addConstraint, createIndex } from "../../schema/recreate.ts";
import { shortName } from "../../schema/table.ts";
import { isDropped } from "./indexes.ts";
import { validate } from "./not_null.ts";
import { isPartitioned } from "./partitions.ts";
import {
  concurrent,
  type FileContext,
  LONG,
  onSeveralTables,
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

/** Returns a step that gives way to writers if it drops a foreign key, which locks both tables. */
function giving(isOfForeignKey: boolean, step: SqlStep): SqlStep {
  return isOfForeignKey ? onSeveralTables(step) : step;
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

/**
 * Drops a constraint when everything else of the file is done, so that a run
 * that fails leaves the table as it was protected before. A foreign key is
 * dropped together with the key that it refers to.
 */
function dropSteps(
  table: string,
  constraint: LiveConstraint,
  context: FileContext,
): SqlStep[] {
  if (isInTheWay(table, constraint, context)) return [early(table, constraint)];
  const statements = dropStatements(table, constraint, context);
  if (statements.length === 0) return [];
  return [{
    ...giving(
      constraint.kind === "foreign" || statements.length > 1,
      statements.length === 1
        ? quick("release", table, ...statements)
        : step("release", table, ...statements),
    ),
    ...isKey(constraint) ? { rank: RANK.afterwards } : {},
  }];
}

/** Drops a constraint before its columns change. */
function early(table: string, constraint: LiveConstraint): SqlStep {
  return {
    ...constraint.kind === "foreign"
      ? onSeveralTables(step("loosen", table, drop(table, constraint)))
      : quick("alter", table, drop(table, constraint)),
    rank: RANK.dropped,
  };
}

/** Returns the statements that drop a constraint; none if it is dropped with the key that it refers to. */
function dropStatements(
  table: string,
  constraint: LiveConstraint,
  { changes }: FileContext,
): string[] {
  if (constraint.kind === "foreign") {
    return changes.some((change) => refersToDropped(constraint, change))
      ? []
      : [drop(table, constraint)];
  }
  return [
    ...isKey(constraint) ? foreignKeyDrops(table, constraint, changes) : [],
    drop(table, constraint),
  ];
}

/** Returns the statements that drop the foreign keys to a key, if the file drops or replaces them. */
function foreignKeyDrops(
  table: string,
  key: LiveConstraint,
  changes: readonly Change[],
): string[] {
  return changes.flatMap((change) =>
    change.kind === "constraint" && change.from !== undefined &&
      !isValidation(change) && change.from.kind === "foreign" &&
      refersTo(change.from, table, key)
      ? [drop(change.table, change.from)]
      : []
  );
}

/** Returns whether a change drops or replaces the key that a foreign key refers to. */
function refersToDropped(foreign: LiveConstraint, change: Change): boolean {
  return change.kind === "constraint" && change.from !== undefined &&
    !isValidation(change) && isKey(change.from) &&
    refersTo(foreign, change.table, change.from);
}

function refersTo(
  foreign: LiveConstraint,
  table: string,
  key: LiveConstraint,
): boolean {
  const columns = (names: readonly string[] | null): string =>
    JSON.stringify((names ?? []).toSorted());
  return foreign.table === table &&
    columns(foreign.references) === columns(key.columns);
}

function isKey({ kind }: LiveConstraint): boolean {
  return kind === "primary" || kind === "unique" || kind === "exclusion";
}

/** Returns whether a constraint could refuse what the file does to its columns before its last steps. */
function isInTheWay(
  table: string,
  { kind, columns }: LiveConstraint,
  { changes }: FileContext,
): boolean {
  if (kind !== "check" && kind !== "foreign") return false;
  return changes.some((change) => {
    if (change.table !== table) return false;
    switch (change.kind) {
      case "type":
        return columns.includes(change.to.name);
      case "nullability":
        return change.fill !== undefined && columns.includes(change.to.name);
      case "default":
        return change.to !== null && columns.includes(change.column);
      default:
        return false;
    }
  });
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

function drop(table: string, { name }: LiveConstraint): string {
  return `ALTER TABLE ${named(table)} DROP CONSTRAINT ${named(name)}`;
}
