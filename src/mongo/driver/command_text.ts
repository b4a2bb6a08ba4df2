import type { Command } from "../link/link.ts";

/** Operators behind which a value stands. */
const VALUES = new Set([
  ...["$eq", "$ne", "$gt", "$gte", "$lt", "$lte", "$in", "$nin", "$all"],
  ...["$regex", "$literal"],
]);
/** Operators of an expression, whose operands may be fields. */
const EITHER = new Set(["$eq", "$ne", "$gt", "$gte", "$lt", "$lte", "$in"]);
/** Words that hold values by field. */
const ASSIGNMENTS = new Set(["$set", "$setOnInsert"]);

/** A command in one line, a placeholder where each value stands, and the values. */
export interface CommandText {
  /** `find star filter { id: { $eq: $1 } }` */
  readonly text: string;
  /** What the placeholders stand for. */
  readonly values: readonly unknown[];
}

/** A command as those who watch are told of it. */
export function commandText(table: string, command: Command): CommandText {
  const values: unknown[] = [];
  const slot = (value: unknown): string => `$${values.push(value)}`;
  const parts = Object.entries(command.parts ?? {})
    .filter(([, part]) => part !== undefined)
    .map(([name, part]) => ` ${name} ${printed(part, slot)}`);
  const target = table === "" ? "" : ` ${table}`;
  return { text: `${command.name}${target}${parts.join("")}`, values };
}

function printed(part: unknown, slot: (value: unknown) => string): string {
  if (Array.isArray(part)) {
    return `[${part.map((item) => printed(item, slot)).join(", ")}]`;
  }
  if (typeof part !== "object" || part === null || part instanceof Date) {
    return String(part);
  }
  const entries = Object.entries(part).map(([key, value]) =>
    `${key}: ${entry(key, value, slot)}`
  );
  return entries.length === 0 ? "{}" : `{ ${entries.join(", ")} }`;
}

function entry(
  key: string,
  value: unknown,
  slot: (value: unknown) => string,
): string {
  if (ASSIGNMENTS.has(key) && typeof value === "object" && value !== null) {
    const set = Object.entries(value).map(([name, item]) =>
      `${name}: ${slot(item)}`
    );
    return `{ ${set.join(", ")} }`;
  }
  if (!VALUES.has(key)) return printed(value, slot);
  return EITHER.has(key) && isOperands(value)
    ? printed(value, slot)
    : slot(value);
}

/** Whether a comparison is one of an expression, `["$field", { $literal: … }]`; a value that looks so is told of as one, never the other way about. */
function isOperands(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) && value.length === 2 &&
    value.every((item) =>
      (typeof item === "object" && item !== null &&
        Object.keys(item).some((key) => key.startsWith("$"))) ||
      (typeof item === "string" && item.startsWith("$"))
    );
}
