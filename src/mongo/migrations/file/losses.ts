import type { Document } from "mongodb";
import {
  documentsIn,
  entry,
  isDocument,
  isTrue,
} from "../../schema/documents.ts";

/** Returns what a command may lose, as `dbp:destructive` names it. */
export function losses(command: Document): readonly string[] {
  const [name, named] = Object.entries(command)[0] ?? [];
  const collection = String(named);
  switch (name) {
    case "drop":
      return [`drop-collection ${collection}`];
    case "renameCollection":
      return isTrue(command.dropTarget)
        ? [`drop-collection ${command.to}`]
        : [];
    case "dropIndexes":
      return indexNames(command.index).map((index) =>
        `drop-index ${collection}#${index}`
      );
    case "collMod": {
      const { index, cappedSize, cappedMax } = command;
      if ((cappedSize ?? cappedMax) !== undefined) {
        return [`expire ${collection}`];
      }
      const expiring = entry(index, "expireAfterSeconds") ?? command
        .expireAfterSeconds;
      if (expiring === undefined || expiring === "off") return [];
      return [`expire ${collection}`];
    }
    case "createIndexes":
      return documentsIn(command.indexes).some((index) =>
          Object.hasOwn(index, "expireAfterSeconds")
        )
        ? [`expire ${collection}`]
        : [];
    case "update":
      return documentsIn(command.updates).flatMap(({ q, u }) => [
        ...isWhole(u) ? [`overwrite ${collection}`] : [],
        ...[...unset(u), ...covered(q, u)].map((field) =>
          `drop-field ${collection}.${field}`
        ),
      ]);
    case "delete":
      return [`delete ${collection}`];
    case "aggregate": {
      const last = Array.isArray(command.pipeline)
        ? command.pipeline.at(-1)
        : undefined;
      const merge = entry(last, "$merge");
      const out = entry(merge, "whenMatched") === "replace"
        ? entry(merge, "into")
        : entry(last, "$out");
      return out === undefined ? [] : [`overwrite ${out}`];
    }
    default:
      return [];
  }
}

/** Returns whether a change replaces the whole document. */
function isWhole(change: unknown): boolean {
  return Array.isArray(change)
    ? change.some((stage) =>
      WHOLE.some((name) => entry(stage, name) !== undefined) &&
      !JSON.stringify(stage).includes('"$$ROOT"')
    )
    : isDocument(change) &&
      !Object.keys(change).some((key) => key.startsWith("$"));
}

/** Stages that replace a whole document, unless they read it as `$$ROOT`. */
const WHOLE = ["$project", "$replaceWith", "$replaceRoot"];

/** Returns the fields whose values a rename would overwrite, because the filter does not exclude documents that have them. */
function covered(filter: unknown, change: unknown): string[] {
  const renames = entry(change, "$rename");
  return isDocument(renames)
    ? Object.values(renames).map(String).filter((field) =>
      entry(entry(filter, field), "$exists") !== false
    )
    : [];
}

/** Returns what a down migration may not lose without a `dbp:destructive` line: an index can be built again. */
export function lostData(command: Document): readonly string[] {
  return losses(command).filter((loss) => !loss.startsWith("drop-index "));
}

/** Returns the fields that an update removes and does not keep under another name. */
function unset(change: unknown): string[] {
  if (!Array.isArray(change)) {
    const fields = entry(change, "$unset");
    return isDocument(fields) ? Object.keys(fields) : [];
  }
  const kept = JSON.stringify(change);
  return change.flatMap((stage) => {
    const fields = entry(stage, "$unset");
    const set = entry(stage, "$set") ?? entry(stage, "$addFields");
    return [
      ...fields === undefined ? [] : [fields].flat().map(String),
      ...Object.entries(isDocument(set) ? set : {}).flatMap(([field, value]) =>
        value === "$$REMOVE" ? [field] : []
      ),
    ];
  }).filter((field) => !kept.includes(JSON.stringify(`$${field}`)));
}

function indexNames(index: unknown): string[] {
  return (Array.isArray(index) ? index : [index]).map(String);
}
