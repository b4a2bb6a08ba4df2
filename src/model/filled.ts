/**
 * How the server fills a column that a new row omits: by its default, from a
 * sequence, as an identity (`identity always` rejects values without OVERRIDING
 * SYSTEM VALUE), or by an expression over other columns. A generated column is
 * never written.
 */
export type Filled =
  | "default"
  | "serial"
  | "identity"
  | "identity always"
  | "generated";
