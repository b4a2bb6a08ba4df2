/** A class of rows, which takes one value for each name. */
export type RowClass = new (...values: readonly unknown[]) => object;

/**
 * Creates a class of rows with a fixed shape: every row has the same hidden
 * class. Returns undefined if the runtime forbids generated code.
 */
export function createRowClass(
  names: readonly string[],
  prototype: object,
): RowClass | undefined {
  const values = names.map((_, index) => `v${index}`);
  const stores = names.map((name, index) =>
    `this[${JSON.stringify(name)}] = v${index};`
  );
  // The source contains numbers, and names as JSON.
  const Row = generated(
    [],
    `return function Row(${values.join(", ")}) { ${stores.join(" ")} };`,
  )?.();
  if (Row === undefined) return undefined;
  Row.prototype = prototype;
  return Row;
}

/** Returns a function with this source; undefined if the runtime forbids generated code. */
export function generated(
  names: readonly string[],
  source: string,
  // deno-lint-ignore no-explicit-any -- the source decides the type
): ((...values: readonly unknown[]) => any) | undefined {
  try {
    return new Function(...names, source) as ReturnType<typeof generated>;
  } catch (error) {
    if (error instanceof EvalError) return undefined;
    throw error;
  }
}
