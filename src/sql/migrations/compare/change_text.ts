import type { LiveConstraint, LiveIndex } from "../../schema/introspect.ts";
import type { Change } from "./change.ts";
import { typeText } from "./create_sql.ts";

/** A change in words. */
export function inWords(change: Change): string {
  switch (change.kind) {
    case "add-table":
      return `add the table ${change.table.name}`;
    case "drop-table":
      return `drop the table ${change.table.name}`;
    case "rename-table":
      return `rename the table ${change.from} to ${change.to}`;
    case "rename-column":
      return `rename the column ${change.table}.${change.from} to ${change.to}`;
    case "rename-constraint":
      return `rename the constraint ${change.from} of ${change.table} to ${change.to}`;
    case "rename-index":
      return `rename the index ${change.from} of ${change.table} to ${change.to}`;
    case "rename-partition":
      return `rename the partition ${change.from} of ${change.table} to ${change.to}`;
    case "add-column":
      return `add the column ${change.table}.${change.column.name} (${
        typeText(change.column)
      })`;
    case "drop-column":
      return `drop the column ${change.table}.${change.column.name}`;
    case "alter-type":
      return `change ${change.table}.${change.to.name} from ${
        typeText(change.from)
      } to ${typeText(change.to)}`;
    case "set-not-null":
      return `require ${change.table}.${change.column.name}`;
    case "drop-not-null":
      return `let ${change.table}.${change.column.name} be null`;
    case "set-default":
      return change.to === null
        ? `drop the default of ${change.table}.${change.column}, ${change.from}`
        : `set the default of ${change.table}.${change.column} to ${change.to}`;
    case "comment":
      return change.to === null
        ? `drop the comment of ${change.table}.${change.column}`
        : `comment ${change.table}.${change.column}`;
    case "add-constraint":
      return `add ${constraint(change.constraint)} to ${change.table}`;
    case "drop-constraint":
      return `drop ${constraint(change.constraint)} of ${change.table}`;
    case "validate-constraint":
      return `check the rows of ${change.table} against ${
        constraint(change.constraint)
      }`;
    case "change-constraint":
      return `change ${
        constraint(change.from)
      } of ${change.table} to ${change.to.definition}`;
    case "add-index":
      return `add ${index(change.index)} to ${change.table}`;
    case "drop-index":
      return `drop ${index(change.index)} of ${change.table}`;
    case "change-index":
      return change.from.valid
        ? `change ${
          index(change.from)
        } of ${change.table} to ${change.to.definition}`
        : `build ${
          index(change.to)
        } of ${change.table}, which is invalid, again`;
    case "rebuild-index":
      return `build ${index(change.to)} of ${change.table} again`;
    case "add-partition":
      return `add the partition ${change.part.name} to ${change.table}`;
    case "drop-partition":
      return `drop the partition ${change.part.name} of ${change.table}`;
    case "split":
      return `split ${change.table} into ${change.to.parts.length}`;
  }
}

function constraint({ name, definition }: LiveConstraint): string {
  return `the constraint ${name} ${definition}`;
}

function index({ name, unique, definition }: LiveIndex): string {
  return `the ${unique ? "unique " : ""}index ${name} ${definition}`;
}

/** The longest name of a migration. */
const LENGTH = 50;

/** A short name for changes. */
export function nameOf(changes: readonly Change[]): string {
  // What comes along with something else does not name it.
  const named = changes.filter(({ kind }) =>
    !["comment", "rename-constraint", "rename-index", "rename-partition"]
      .includes(kind)
  );
  const [first, ...others] = named.length === 0 ? changes : named;
  if (first === undefined) return "nothing";
  const tables = [...new Set([first, ...others].map(tableOf))];
  const text = others.length === 0
    ? single(first)
    : [first, ...others].every(({ kind }) => kind === "add-table")
    ? `add_${tables.join("_")}`
    : `change_${tables.join("_")}`;
  const safe = plain(text);
  if (safe.length <= LENGTH) return safe;
  const some = `${safe.split("_")[0]}_${tables.length}_tables`;
  return tables.length > 1 ? some : safe.slice(0, LENGTH);
}

function single(change: Change): string {
  const verb = change.kind.split("-")[0] ?? "change";
  switch (change.kind) {
    case "add-table":
    case "drop-table":
      return `${verb}_${change.table.name}`;
    case "rename-table":
    case "rename-column":
      return `rename_${change.from}_to_${change.to}`;
    case "add-column":
    case "drop-column":
      return `${verb}_${change.table}_${change.column.name}`;
    case "alter-type":
      return `change_${change.table}_${change.to.name}`;
    case "set-not-null":
      return `require_${change.table}_${change.column.name}`;
    case "drop-not-null":
      return `let_${change.table}_${change.column.name}_be_null`;
    case "set-default":
    case "comment":
      return `${verb}_${change.table}_${change.column}`;
    case "add-constraint":
    case "drop-constraint":
    case "validate-constraint":
      return `${verb}_${change.constraint.name}`;
    case "add-index":
    case "drop-index":
      return `${verb}_${change.index.name}`;
    case "add-partition":
    case "drop-partition":
      return `${verb}_${change.part.name}`;
    case "change-constraint":
    case "change-index":
    case "rebuild-index":
      return `change_${change.to.name}`;
    case "rename-constraint":
    case "rename-index":
    case "rename-partition":
      return `rename_${change.from}`;
    case "split":
      return `split_${change.table}`;
  }
}

function tableOf(change: Change): string {
  return typeof change.table === "string" ? change.table : change.table.name;
}

/** Letters, digits and `_` alone, as files are named. */
function plain(text: string): string {
  return text.toLowerCase().replaceAll(/[^a-z0-9]+/g, "_").replaceAll(
    /^_+|_+$/g,
    "",
  ) || "change";
}
