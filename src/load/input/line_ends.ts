/** Returns the number of line ends in a text. */
export function lineEnds(text: string, lineEnd: string): number {
  let [count, at] = [0, text.indexOf(lineEnd)];
  while (at >= 0) [count, at] = [count + 1, text.indexOf(lineEnd, at + 1)];
  return count;
}
