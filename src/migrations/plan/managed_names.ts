/** The names of managed objects in the spelling of the history. */
export const managedName = {
  column: (table: string, column: string): string => `${table}.${column}`,
  /** A constraint or an index. */
  rule: (table: string, name: string): string => `${table}#${name}`,
};

/**
 * Returns the tables among managed names such as `object`, `object.oid` and
 * `object#ix_object_oid`: a name is a table if no other name is its prefix, or
 * if it is the prefix of another. So `obs.night` is a table if there is no
 * `obs`.
 */
export function tablesIn(managed: Iterable<string>): ReadonlySet<string> {
  const names = new Set(managed);
  const owners = new Set([...names].flatMap(ownersOf));
  return new Set(
    [...names].filter((name) =>
      owners.has(name) || !ownersOf(name).some((owner) => names.has(owner))
    ),
  );
}

/** Returns the names of tables that a name can belong to, shortest first. */
export function ownersOf(name: string): string[] {
  return [...name.matchAll(/[.#]/g)].map(({ index }) => name.slice(0, index));
}
