import { closestMatch } from "leven";

/** The candidate most like a misspelt name, or undefined where none is alike. */
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
    : closestMatch(folded, names, { maxDistance: allowed(folded) }) ??
      names.find((candidate) => isPart(folded, candidate));
  return match === undefined ? undefined : byFolded.get(match);
}

/** One letter in three may be wrong, but a short name that is the beginning of a longer one is no misspelling of a third. */
function allowed({ length }: string): number {
  return length < 4 ? 1 : Math.max(2, Math.floor(length / 3));
}

function isPart(name: string, candidate: string): boolean {
  return name.length >= 3 &&
    (candidate.startsWith(name) || name.startsWith(candidate));
}

function fold(name: string): string {
  return name.toLowerCase().replaceAll(/[-_\s]/g, "");
}
