/** The rules of MongoDB files, which `dbp:ignore` accepts. */
export const RULES: readonly string[] = [
  "destructive",
  "unique-at-once",
  "strict-at-once",
  "update-at-once",
  "not-repeatable",
  "offenders",
];
