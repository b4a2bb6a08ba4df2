/** How the history writes the names of what models manage. */
export const place = {
  column: (table: string, column: string): string => `${table}.${column}`,
  /** A constraint or an index. */
  rule: (table: string, name: string): string => `${table}#${name}`,
};

/**
 * The tables among names that a history has of tables and of what belongs to
 * them, `object`, `object.oid`, `object#ix_object_oid`: those that begin with no
 * other's name, or with which others begin. So `obs.night` and `obs#2` are
 * tables of those names where no `obs` is among them.
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

/** What a name could belong to, the longest last. */
export function ownersOf(name: string): string[] {
  return [...name.matchAll(/[.#]/g)].map(({ index }) => name.slice(0, index));
}
