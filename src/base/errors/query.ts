import { DbPluginsError, type ErrorFields } from "./error.ts";

/** A model is declared in a way no database could hold. */
export class ModelError extends DbPluginsError {}

/** Fields of a {@link QueryError}. */
export interface QueryErrorFields extends ErrorFields {
  /** The model the query was made for. */
  readonly model?: string | undefined;
  /** The name that is wrong. */
  readonly name?: string | undefined;
  /** The right name it most resembles. */
  readonly nearest?: string | undefined;
}

/** A query names a field, operator, relation or option that does not exist, or gives one a value it cannot take. */
export class QueryError extends DbPluginsError {
  /** The model the query was made for. */
  readonly model: string | undefined;
  /** The wrong name; `QueryError` where no name is to blame. */
  override name: string;
  /** The right name it most resembles. */
  readonly nearest: string | undefined;
  /** Made where it is thrown.
   * @param message what is wrong, without the suggestion, which is added
   */
  constructor(message: string, fields: QueryErrorFields = {}) {
    super(
      fields.nearest ? `${message}; did you mean ${fields.nearest}?` : message,
      fields,
    );
    this.model = fields.model;
    this.name = fields.name ?? "QueryError";
    this.nearest = fields.nearest;
  }
}
