import { DbPluginsError, type ErrorFields } from "./error.ts";

/** Fields of the errors that a constraint of the database raises. */
export interface ConstraintFields extends ErrorFields {
  /** The table or collection. */
  readonly table?: string | undefined;
  /** The constraint's or index's name. */
  readonly constraint?: string | undefined;
  /** The fields it covers, where they are known. */
  readonly fields?: readonly string[] | undefined;
}

/** The parent of the errors that a constraint of the database raises. */
export class ConstraintError extends DbPluginsError {
  /** The table or collection. */
  readonly table: string | undefined;
  /** The constraint's or index's name. */
  readonly constraint: string | undefined;
  /** The fields it covers, where they are known. */
  readonly fields: readonly string[];
  /** Made where it is thrown.
   * @param message what was refused
   */
  constructor(message: string, fields: ConstraintFields = {}) {
    super(message, fields);
    this.table = fields.table;
    this.constraint = fields.constraint;
    this.fields = fields.fields ?? [];
  }
}

/** A primary or unique key is taken. */
export class DuplicateKeyError extends ConstraintError {}

/** A row that is referred to does not exist, or one that is referred to would go. */
export class ForeignKeyError extends ConstraintError {}

/** A required field has no value. */
export class NotNullError extends ConstraintError {}

/** A check constraint does not hold. */
export class CheckError extends ConstraintError {}
