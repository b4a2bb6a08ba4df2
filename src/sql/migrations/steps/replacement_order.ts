import type {
  OwnedKey,
  ReplacedForeignKey,
  Replacement,
} from "./replacement.ts";

/**
 * Returns the tables in the order in which their columns are swapped, those
 * that one step must swap together in one list. A table precedes the tables
 * that it refers to: the trigger of a table that still has both columns would
 * undo what the foreign key of its second column does.
 */
export function swapOrder(
  replacements: readonly Replacement[],
  foreignKeys: readonly ReplacedForeignKey[],
): readonly (readonly Replacement[])[] {
  const steps: Replacement[][] = [];
  let remaining = [...replacements];
  while (remaining.length > 0) {
    const free = remaining.filter((replacement) =>
      !remaining.some((other) =>
        other !== replacement && refers(other, replacement, foreignKeys)
      )
    );
    if (free.length === 0) {
      // Tables that refer to each other, and those that they refer to.
      steps.push(remaining);
      break;
    }
    steps.push(...free.map((replacement) => [replacement]));
    remaining = remaining.filter((one) => !free.includes(one));
  }
  return steps;
}

function refers(
  one: Replacement,
  other: Replacement,
  foreignKeys: readonly ReplacedForeignKey[],
): boolean {
  return foreignKeys.some(({ table, rule }) =>
    table === one.live.name && rule.table === other.live.name
  );
}

/** Returns whether a foreign key is one of or to replaced columns of a table. */
export function uses(
  { table, rule }: OwnedKey,
  { live, columns }: Replacement,
): boolean {
  return columns.some(({ to }) =>
    (table === live.name && rule.columns.includes(to.name)) ||
    (rule.table === live.name && rule.references?.includes(to.name) === true)
  );
}
