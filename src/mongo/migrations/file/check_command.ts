import type { Document } from "mongodb";
import { fileError, type Place } from "../../../migrations/file/file_error.ts";
import { unknownNames } from "../../../base/known_names.ts";
import { nearest } from "../../../base/nearest.ts";
import { isOwn } from "../../schema/own_collections.ts";
import {
  COMMANDS,
  type CommandShape,
  fieldsOf,
  JAVASCRIPT,
  OUTSIDE,
  REFUSED,
} from "./commands.ts";
import { entry, isDocument, keysIn } from "./json.ts";

/**
 * Refuses what a file may not hold.
 *
 * @throws {MigrationError} with exit code 4
 */
export function checkCommand(
  command: Document,
  repeat: boolean,
  place: Place,
): void {
  const refuse = (problem: string, suggestion?: string): never => {
    throw fileError(place, problem, suggestion);
  };
  const [name, ...fields] = Object.keys(command);
  if (name === undefined) return refuse("a command is missing in {}");
  const shape = shapeOf(name, fields, refuse);
  checkCollection(name, command[name], refuse);
  for (const field of fields) {
    const outside = Object.hasOwn(OUTSIDE, field) ? OUTSIDE[field] : undefined;
    if (outside !== undefined) refuse(`${name} has ${field}: ${outside}`);
    if (!fieldsOf(shape).includes(field)) {
      refuse(
        `${name} does not take "${field}"`,
        nearest(field, fieldsOf(shape)),
      );
    }
  }
  for (const field of shape.required ?? []) {
    if (!fields.includes(field)) refuse(`${name} needs "${field}"`);
  }
  const script = keysIn(command).find((key) => JAVASCRIPT.includes(key));
  if (script !== undefined) {
    refuse(
      `${name} has ${script}: JavaScript does not run on servers`,
      script === "$where" ? "$expr" : undefined,
    );
  }
  if (Number(entry(command.writeConcern, "w") ?? 1) === 0) {
    refuse(
      `${name} has a writeConcern with w 0, with which the server does not say whether it failed`,
    );
  }
  checkParts(name, command, refuse);
  if (repeat) checkRepeated(name, command, refuse);
}

type Refuse = (problem: string, suggestion?: string) => never;

function shapeOf(
  name: string,
  fields: readonly string[],
  refuse: Refuse,
): CommandShape {
  const shape = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (shape !== undefined) return shape;
  const why = Object.hasOwn(REFUSED, name) ? REFUSED[name] : undefined;
  if (why !== undefined) return refuse(`${name} is not for files: ${why}`);
  const later = fields.find((field) => Object.hasOwn(COMMANDS, field));
  return later === undefined
    ? refuse(
      `"${name}" is not a command of files, which are ${
        Object.keys(COMMANDS).join(", ")
      }`,
      nearest(name, Object.keys(COMMANDS)),
    )
    : refuse(`a command's name comes first: ${later} before ${name}`);
}

function checkCollection(name: string, value: unknown, refuse: Refuse): void {
  if (typeof value !== "string" || value === "") {
    return refuse(`${name} names a collection: { "${name}": "detection", … }`);
  }
  if (value.startsWith("system.") || value.includes("$")) {
    refuse(`${name} works on ${value}, which is the server's own`);
  }
  if (isOwn(value)) {
    refuse(`${name} works on ${value}, which keeps track of migrations`);
  }
}

function checkParts(name: string, command: Document, refuse: Refuse): void {
  switch (name) {
    case "renameCollection":
      for (const collection of [command[name], command.to]) {
        checkCollection(name, collection, refuse);
        if (String(collection).includes(".")) {
          refuse(
            `renameCollection names collections without their database, and ${collection} has a dot in it`,
            String(collection).split(".").slice(1).join("."),
          );
        }
      }
      return;
    case "createIndexes":
      return each(command.indexes, "indexes", (index) => {
        const keys = entry(index, "key");
        if (!isDocument(keys) || Object.keys(keys).length === 0) {
          refuse('an index has a key, as { "oid": 1 }');
        }
        if (typeof entry(index, "name") !== "string") {
          refuse("an index has a name, by which it can be dropped");
        }
      }, refuse);
    case "collMod":
      if (
        command.index !== undefined &&
        typeof entry(command.index, "name") !== "string"
      ) refuse("collMod names its index by name");
      return;
    case "dropIndexes":
      for (const index of [command.index].flat()) {
        if (typeof index !== "string") {
          refuse("dropIndexes names its indexes by name");
        }
      }
      return;
    case "update":
      return each(command.updates, "updates", (update) => {
        checkKeys("an update", update, UPDATE, refuse);
        if (!isDocument(update.q) || update.u === undefined) {
          refuse("an update has a filter q and a change u");
        }
      }, refuse);
    case "delete":
      return each(command.deletes, "deletes", (part) => {
        const { q, limit } = part;
        checkKeys("a delete", part, DELETE, refuse);
        if (!isDocument(q) || limit === undefined) {
          refuse("a delete has a filter q and a limit, 0 for all");
        }
      }, refuse);
    case "insert":
      return each(command.documents, "documents", () => {}, refuse);
    case "aggregate":
      return checkPipeline(command.pipeline, refuse);
  }
}

const DELETE = ["q", "limit", "collation", "hint"];
const UPDATE = [
  ...["q", "u", "multi", "upsert", "collation", "arrayFilters", "c", "hint"],
];

function checkKeys(
  what: string,
  part: Document,
  known: readonly string[],
  refuse: Refuse,
): void {
  const [wrong] = unknownNames(part, new Set(known));
  if (wrong !== undefined) {
    refuse(`${what} does not take "${wrong.name}"`, wrong.nearest);
  }
}

function each(
  list: unknown,
  name: string,
  check: (item: Document) => void,
  refuse: Refuse,
): void {
  if (!Array.isArray(list) || list.length === 0) {
    return refuse(`${name} is a list of objects`);
  }
  for (const item of list) {
    if (!isDocument(item)) refuse(`${name} is a list of objects`);
    check(item);
  }
}

function checkPipeline(pipeline: unknown, refuse: Refuse): void {
  const last: unknown = Array.isArray(pipeline) ? pipeline.at(-1) : undefined;
  const into = entry(entry(last, "$merge"), "into") ?? entry(last, "$merge") ??
    entry(last, "$out");
  if (into === undefined) {
    return refuse(
      "an aggregate ends with $merge or $out, else it changes nothing",
    );
  }
  if (typeof into !== "string") {
    refuse(
      "an aggregate writes into a collection of the connection's database",
    );
  }
  checkCollection("aggregate", into, refuse);
}

/** What runs in parts is one filter and what becomes of the documents that it finds. */
function checkRepeated(name: string, command: Document, refuse: Refuse): void {
  const parts: unknown = name === "update"
    ? command.updates
    : name === "delete"
    ? command.deletes
    : undefined;
  if (!Array.isArray(parts)) {
    return refuse(`only an update or a delete can be repeated, not ${name}`);
  }
  const [part, ...others] = parts;
  if (others.length > 0) refuse(`what is repeated is one ${name}, not several`);
  const whole = name === "update"
    ? entry(part, "multi") === true
    : Number(entry(part, "limit")) === 0;
  if (!whole) {
    refuse(
      `what is repeated is about all documents that it finds: ${
        name === "update" ? '"multi": true' : '"limit": 0'
      }`,
    );
  }
  if (entry(part, "upsert") === true) refuse("what is repeated cannot upsert");
}
