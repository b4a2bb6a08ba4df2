import type { MergeRule } from "@alerce/db-plugins";

/** The rules of the comparisons with merged upserts; the other fields are replaced. */
export const RULES: Readonly<Record<string, MergeRule>> = {
  d0: "least",
  d1: "greatest",
  i0: "greatest",
  i1: "least",
  version: "keep",
  d2: "ifNull",
};
