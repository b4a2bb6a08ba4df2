import type { Command } from "../link/link.ts";

/** Operators that a value follows. */
const VALUE_OPERATORS = new Set([
  ...["$eq", "$ne", "$gt", "$gte", "$lt", "$lte", "$in", "$nin", "$all"],
  ...["$regex", "$literal"],
]);
/** Operators that are also expressions, with two operands that may be fields. */
const EXPRESSION_OPERATORS = new Set([
  ...["$eq", "$ne", "$gt", "$gte", "$lt", "$lte", "$in"],
]);
/** Operators that values by field follow. */
const ASSIGNMENT_OPERATORS = new Set(["$set", "$setOnInsert"]);

/** A command in one line, with placeholders for its values. */
interface CommandText {
  /** `find star filter { id: { $eq: $1 } }` */
  readonly text: string;
  /** The values of the placeholders. */
  readonly values: readonly unknown[];
}

/** The text of a command for query events. */
export function commandText(table: string, command: Command): CommandText {
  const values: unknown[] = [];
  const placeholder = (value: unknown): string => `$${values.push(value)}`;
  const parts = Object.entries(command.parts ?? {})
    .filter(([, part]) => part !== undefined)
    .map(([name, part]) => ` ${name} ${partText(part, placeholder)}`);
  const target = table === "" ? "" : ` ${table}`;
  return { text: `${command.name}${target}${parts.join("")}`, values };
}

type Placeholder = (value: unknown) => string;

function partText(part: unknown, placeholder: Placeholder): string {
  if (Array.isArray(part)) {
    return `[${part.map((item) => partText(item, placeholder)).join(", ")}]`;
  }
  if (typeof part !== "object" || part === null || part instanceof Date) {
    return String(part);
  }
  const entries = Object.entries(part).map(([key, value]) =>
    `${key}: ${entryText(key, value, placeholder)}`
  );
  return entries.length === 0 ? "{}" : `{ ${entries.join(", ")} }`;
}

function entryText(
  key: string,
  value: unknown,
  placeholder: Placeholder,
): string {
  if (
    ASSIGNMENT_OPERATORS.has(key) && typeof value === "object" && value !== null
  ) {
    const assignments = Object.entries(value).map(([name, item]) =>
      `${name}: ${placeholder(item)}`
    );
    return `{ ${assignments.join(", ")} }`;
  }
  if (!VALUE_OPERATORS.has(key)) return partText(value, placeholder);
  return EXPRESSION_OPERATORS.has(key) && isOperands(value)
    ? partText(value, placeholder)
    : placeholder(value);
}

/** Whether a value looks like the operands of an expression, `["$field", { $literal: … }]`. A value may look so by chance; operands always do. */
function isOperands(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) && value.length === 2 &&
    value.every((item) =>
      (typeof item === "object" && item !== null &&
        Object.keys(item).some((key) => key.startsWith("$"))) ||
      (typeof item === "string" && item.startsWith("$"))
    );
}
