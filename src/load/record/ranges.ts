/** Rows of a file, by their indexes: from the first one to the one before `end`. */
export interface RowRange {
  readonly first: number;
  readonly end: number;
}

/** Returns ranges in ascending order, those that overlap or touch joined. */
export function joinedRanges(ranges: readonly RowRange[]): RowRange[] {
  const joined: RowRange[] = [];
  for (const range of ranges.toSorted((a, b) => a.first - b.first)) {
    const last = joined.at(-1);
    if (last === undefined || range.first > last.end) joined.push(range);
    else {
      joined[joined.length - 1] = {
        first: last.first,
        end: Math.max(last.end, range.end),
      };
    }
  }
  return joined;
}

/** Returns whether a row is in one of the ranges. Call it with ascending indexes. */
export function ascendingTest(
  ranges: readonly RowRange[],
): (index: number) => boolean {
  let at = 0;
  return (index) => {
    while (at < ranges.length && (ranges[at]?.end ?? 0) <= index) at++;
    return (ranges[at]?.first ?? Infinity) <= index;
  };
}
