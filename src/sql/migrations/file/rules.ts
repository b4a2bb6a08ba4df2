/** The lint rules of SQL files, which `dbp:ignore` accepts. */
export const RULES = [
  "add-check-valid",
  "add-column-not-null",
  "add-column-volatile-default",
  "add-enum-value-order",
  "add-enum-value-step",
  "add-foreign-key-valid",
  "add-generated",
  "add-identity",
  "add-primary-key",
  "add-serial",
  "add-unique",
  "alter-type",
  "create-index",
  "detach-partition",
  "drop-index",
  "drop-without-destructive",
  "exclusion-constraint",
  "name-too-long",
  "partition-of",
  "references-in-create-table",
  "reindex",
  "rename",
  "rewrite-table",
  "set-not-null",
  "set-unlogged",
  "update-whole-table",
  "vacuum-full",
  "validate-in-same-step",
] as const;

/** The name of a rule. */
export type Rule = typeof RULES[number];
