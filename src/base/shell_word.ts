/** Returns a word as a shell reads it: in quotes if it has other than plain characters. */
export function shellWord(word: string): string {
  return /^[\p{L}\p{N}_.=:@%+,/-]+$/u.test(word)
    ? word
    : `'${word.replaceAll("'", "'\\''")}'`;
}
