/** What a file may break on purpose with `dbp:ignore`. */
export const RULES: readonly string[] = [
  "destructive",
  "unique-at-once",
  "strict-at-once",
  "update-at-once",
  "not-repeatable",
  "offenders",
];
