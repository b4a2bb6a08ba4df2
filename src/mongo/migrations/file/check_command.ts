import type { Document } from "mongodb";
import { fileError, type Position } from "../../../migrations/file/position.ts";
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
import { entry, isDocument, keysIn } from "../../schema/documents.ts";

/**
 * Refuses a command that a file may not contain.
 *
 * @throws {MigrationError} with exit code 4
 */
export function checkCommand(
  command: Document,
  repeat: boolean,
  position: Position,
): void {
  const refuse = (problem: string, suggestion?: string): never => {
    throw fileError(position, problem, suggestion);
  };
  const [name, ...fields] = Object.keys(command);
  if (name === undefined) return refuse("{} contains no command");
  const shape = shapeOf(name, fields, refuse);
  checkCollection(name, command[name], refuse);
  for (const field of fields) {
    const outside = Object.hasOwn(OUTSIDE, field) ? OUTSIDE[field] : undefined;
    if (outside !== undefined) {
      refuse(`${name} must not have ${field}: ${outside}`);
    }
    if (!fieldsOf(shape).includes(field)) {
      refuse(
        `${name} has no field "${field}"`,
        nearest(field, fieldsOf(shape)),
      );
    }
  }
  for (const field of shape.required ?? []) {
    if (!fields.includes(field)) refuse(`${name} requires "${field}"`);
  }
  const script = keysIn(command).find((key) => JAVASCRIPT.includes(key));
  if (script !== undefined) {
    refuse(
      `${name} uses ${script}, but servers may not allow JavaScript`,
      script === "$where" ? "$expr" : undefined,
    );
  }
  if (Number(entry(command.writeConcern, "w") ?? 1) === 0) {
    refuse(
      `${name} has a writeConcern with w 0, so the server would not report failures`,
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
  if (why !== undefined) {
    return refuse(`${name} is not allowed in a file: ${why}`);
  }
  const later = fields.find((field) => Object.hasOwn(COMMANDS, field));
  return later === undefined
    ? refuse(
      `"${name}" is not an allowed command; allowed commands are ${
        Object.keys(COMMANDS).join(", ")
      }`,
      nearest(name, Object.keys(COMMANDS)),
    )
    : refuse(
      `the name of the command must come first: ${later} before ${name}`,
    );
}

function checkCollection(name: string, value: unknown, refuse: Refuse): void {
  if (typeof value !== "string" || value === "") {
    return refuse(
      `${name} requires the name of a collection: { "${name}": "detection", … }`,
    );
  }
  if (value.startsWith("system.") || value.includes("$")) {
    refuse(`${name} must not change ${value}, which belongs to the server`);
  }
  if (isOwn(value)) {
    refuse(`${name} must not change ${value}, which belongs to the migrations`);
  }
}

function checkParts(name: string, command: Document, refuse: Refuse): void {
  switch (name) {
    case "renameCollection":
      for (const collection of [command[name], command.to]) {
        checkCollection(name, collection, refuse);
        if (String(collection).includes(".")) {
          refuse(
            `renameCollection takes names of collections without their database, but ${collection} contains a dot`,
            String(collection).split(".").slice(1).join("."),
          );
        }
      }
      return;
    case "createIndexes":
      return each(command.indexes, "indexes", (index) => {
        const keys = entry(index, "key");
        if (!isDocument(keys) || Object.keys(keys).length === 0) {
          refuse('an index requires a key: { "oid": 1 }');
        }
        if (typeof entry(index, "name") !== "string") {
          refuse("an index requires a name, so that it can be dropped");
        }
      }, refuse);
    case "collMod":
      if (
        command.index !== undefined &&
        typeof entry(command.index, "name") !== "string"
      ) refuse("collMod must refer to an index by its name");
      return;
    case "dropIndexes":
      for (const index of [command.index].flat()) {
        if (typeof index !== "string") {
          refuse("dropIndexes must refer to indexes by their names");
        }
      }
      return;
    case "update":
      return each(command.updates, "updates", (update) => {
        checkKeys("an update", update, UPDATE, refuse);
        if (!isDocument(update.q) || update.u === undefined) {
          refuse("an update requires a filter q and a change u");
        }
      }, refuse);
    case "delete":
      return each(command.deletes, "deletes", (part) => {
        const { q, limit } = part;
        checkKeys("a delete", part, DELETE, refuse);
        if (!isDocument(q) || limit === undefined) {
          refuse("a delete requires a filter q and a limit; 0 deletes all");
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
    refuse(`${what} has no field "${wrong.name}"`, wrong.nearest);
  }
}

function each(
  list: unknown,
  name: string,
  check: (item: Document) => void,
  refuse: Refuse,
): void {
  if (!Array.isArray(list) || list.length === 0) {
    return refuse(`${name} must be a list of objects`);
  }
  for (const item of list) {
    if (!isDocument(item)) refuse(`${name} must be a list of objects`);
    check(item);
  }
}

function checkPipeline(pipeline: unknown, refuse: Refuse): void {
  const last: unknown = Array.isArray(pipeline) ? pipeline.at(-1) : undefined;
  const into = entry(entry(last, "$merge"), "into") ?? entry(last, "$merge") ??
    entry(last, "$out");
  if (into === undefined) {
    return refuse(
      "an aggregate must end with $merge or $out, otherwise it changes nothing",
    );
  }
  if (typeof into !== "string") {
    refuse(
      "an aggregate must write to a collection of the connection's database",
    );
  }
  checkCollection("aggregate", into, refuse);
}

/** Checks that a repeated command is one update or delete of all documents that match its filter. */
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
  if (others.length > 0) refuse(`a repeated ${name} must be a single one`);
  const whole = name === "update"
    ? entry(part, "multi") === true
    : Number(entry(part, "limit")) === 0;
  if (!whole) {
    refuse(
      `a repeated ${name} must apply to all documents that match: ${
        name === "update" ? '"multi": true' : '"limit": 0'
      }`,
    );
  }
  if (entry(part, "upsert") === true) refuse("a repeated update cannot upsert");
}
