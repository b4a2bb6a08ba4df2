import type { Field } from "../../../model/field.ts";
import type { Rule } from "../../schema/validator_rules.ts";

/** A field of a model, and its former name and rule. */
export interface FieldChange {
  readonly field: Field;
  /** Its name in existing documents. */
  readonly before: string;
  /** Its existing rule; undefined if it has none. */
  readonly rule: Rule | undefined;
}
