import { named } from "../../codec/quote.ts";
import { type Change, isValidation } from "../../schema/change.ts";
import type { LiveConstraint } from "../../schema/introspect.ts";
import {
  type FileContext,
  onSeveralTables,
  quick,
  RANK,
  type SqlStep,
  step,
} from "./planned_step.ts";

/**
 * Drops a constraint when everything else of the file is done, so that a run
 * that fails leaves the table as it was protected before. A foreign key is
 * dropped together with the key that it refers to.
 */
export function dropSteps(
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
    ...isKey(constraint) ? { rank: RANK.key } : {},
  }];
}

/** Drops a constraint before its columns change. */
export function early(table: string, constraint: LiveConstraint): SqlStep {
  return {
    ...constraint.kind === "foreign"
      ? onSeveralTables(step("loosen", table, drop(table, constraint)))
      : quick("alter", table, drop(table, constraint)),
    rank: RANK.dropped,
  };
}

/** Returns the statements that drop a constraint; none if it is dropped with the key that it refers to. */
export function dropStatements(
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

/** Returns whether an index enforces a constraint. */
export function isKey({ kind }: LiveConstraint): boolean {
  return kind === "primary" || kind === "unique" || kind === "exclusion";
}

/** Returns whether a constraint could refuse what the file does to its columns before its last steps. */
export function isInTheWay(
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

/** Returns a step that gives way to writers if it drops a foreign key, which locks both tables. */
export function giving(isOfForeignKey: boolean, step: SqlStep): SqlStep {
  return isOfForeignKey ? onSeveralTables(step) : step;
}

function drop(table: string, { name }: LiveConstraint): string {
  return `ALTER TABLE ${named(table)} DROP CONSTRAINT ${named(name)}`;
}
