import type { Document } from "mongodb";
import { entry, isDocument } from "./json.ts";

/** What a command may lose, as `dbp:destructive` says it. */
export function losses(command: Document): readonly string[] {
  const [name, named] = Object.entries(command)[0] ?? [];
  const collection = String(named);
  switch (name) {
    case "drop":
      return [`drop-collection ${collection}`];
    case "renameCollection":
      return command.dropTarget === true
        ? [`drop-collection ${command.to}`]
        : [];
    case "dropIndexes":
      return indexNames(command.index).map((index) =>
        `drop-index ${collection}#${index}`
      );
    case "collMod": {
      const { index } = command;
      const expiring = entry(index, "expireAfterSeconds") ?? command
        .expireAfterSeconds;
      if (expiring === undefined || expiring === "off") return [];
      return [`expire ${collection}`];
    }
    case "createIndexes":
      return documents(command.indexes).some((index) =>
          Object.hasOwn(index, "expireAfterSeconds")
        )
        ? [`expire ${collection}`]
        : [];
    case "update":
      return documents(command.updates).flatMap(({ u }) =>
        unset(u).map((field) => `drop-field ${collection}.${field}`)
      );
    case "delete":
      return [`delete ${collection}`];
    case "aggregate": {
      const last = Array.isArray(command.pipeline)
        ? command.pipeline.at(-1)
        : undefined;
      const out = entry(last, "$out");
      return out === undefined ? [] : [`overwrite ${out}`];
    }
    default:
      return [];
  }
}

/** Fields that an update takes away, and does not keep by another name. */
function unset(change: unknown): string[] {
  if (!Array.isArray(change)) {
    const fields = entry(change, "$unset");
    return isDocument(fields) ? Object.keys(fields) : [];
  }
  const kept = JSON.stringify(change);
  return change.flatMap((stage) => {
    const fields = entry(stage, "$unset");
    return fields === undefined ? [] : [fields].flat().map(String);
  }).filter((field) => !kept.includes(JSON.stringify(`$${field}`)));
}

function indexNames(index: unknown): string[] {
  return (Array.isArray(index) ? index : [index]).map(String);
}

function documents(value: unknown): readonly Document[] {
  return Array.isArray(value) ? value.filter(isDocument) : [];
}
