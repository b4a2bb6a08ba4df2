import leven, { closestMatch } from "leven";

/** Returns the candidate most similar to a misspelled name, or undefined if none is similar. */
export function nearest(
  name: string,
  candidates: Iterable<string>,
): string | undefined {
  const byFolded = new Map<string, string>();
  for (const candidate of candidates) byFolded.set(fold(candidate), candidate);
  const folded = fold(name);
  const names = [...byFolded.keys()];
  const match = byFolded.has(folded)
    ? folded
    : closestMatch(folded, names, { maxDistance: maxDistance(folded) }) ??
      names.find((candidate) => isBeginning(folded, candidate));
  return match === undefined ? undefined : byFolded.get(match);
}

/** Returns names, the most similar to a misspelled name first. */
export function byNearness(
  name: string,
  candidates: readonly string[],
): string[] {
  const folded = fold(name);
  const first = nearest(name, candidates);
  const distance = (candidate: string): number =>
    candidate === first ? -1 : leven(folded, fold(candidate));
  return candidates.toSorted((one, other) => distance(one) - distance(other));
}

/**
 * Returns the known name that a name misspells: in case, hyphens or underscores,
 * in one letter, or in two letters of a name of six or more. Undefined if the name
 * is known or resembles none.
 */
export function misspelled(
  name: string,
  known: readonly string[],
): string | undefined {
  if (known.includes(name)) return undefined;
  const folded = fold(name);
  return known.find((candidate) =>
    leven(folded, fold(candidate)) <= (candidate.length < 6 ? 1 : 2)
  );
}

/** Whether two names differ only in case, hyphens, underscores and spaces. */
export function isSameName(one: string, other: string): boolean {
  return fold(one) === fold(other);
}

/** One letter in three may differ; in a name of up to three letters only one, because such a name is often the beginning of a longer one. */
function maxDistance({ length }: string): number {
  return length < 4 ? 1 : Math.max(2, Math.floor(length / 3));
}

function isBeginning(name: string, candidate: string): boolean {
  return name.length >= 3 &&
    (candidate.startsWith(name) || name.startsWith(candidate));
}

function fold(name: string): string {
  return name.toLowerCase().replaceAll(/[-_\s]/g, "");
}
