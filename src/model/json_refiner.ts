/** What checks values: a zod schema. */
export interface Checker {
  /** Checks a value; returns its problems, if it has any. */
  safeParse(
    value: unknown,
  ): { readonly error?: { readonly issues: readonly Issue[] } };
}

/** One problem of a value. */
interface Issue {
  readonly message: string;
  /** The position of the problem within the value. */
  readonly path: readonly PropertyKey[];
  /** The type that the schema expects there. */
  readonly expected?: string;
}

/**
 * Returns the check of a JSON field's value by its schema. In a row, an integer
 * of JSON is a bigint beyond 2^53 and a number else, whatever the schema calls
 * it: `z.number()` and `z.json()` accept both, and so do `z.int64()` and
 * `z.bigint()`.
 */
export function jsonRefiner(
  schema: Checker,
): (value: unknown) => string | undefined {
  return (value) => {
    const { error } = schema.safeParse(value);
    if (error === undefined) return undefined;
    const changed = error.issues.reduce(
      (copy, issue) => converted(copy, issue, issue.path),
      value,
    );
    // If the other form of the integers has problems too, those are in its terms.
    return schema.safeParse(changed).error?.issues[0]?.message;
  };
}

/** Returns a copy in which the integers at the position of a problem have the other type. */
function converted(
  value: unknown,
  issue: Issue,
  [key, ...path]: readonly PropertyKey[],
): unknown {
  if (key === undefined) return otherForm(value, issue);
  if (Array.isArray(value)) {
    return value.map((item, index) =>
      index === key ? converted(item, issue, path) : item
    );
  }
  if (typeof value !== "object" || value === null) return value;
  return { ...value, [key]: converted(Reflect.get(value, key), issue, path) };
}

function otherForm(value: unknown, issue: Issue): unknown {
  if (typeof value === "bigint") return nearestNumber(value);
  if (issue.expected === "bigint" && Number.isSafeInteger(value)) {
    return BigInt(Number(value));
  }
  if (Array.isArray(value)) return value.map((item) => otherForm(item, issue));
  return typeof value !== "object" || value === null
    ? value
    : Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, otherForm(item, issue)]),
    );
}

/** Returns the nearest finite number: zod accepts no infinity. */
function nearestNumber(value: bigint): number {
  const limit = Number.MAX_VALUE;
  return Math.max(-limit, Math.min(limit, Number(value)));
}
