import { SQLSTATE } from "../link/sqlstate.ts";
import {
  CheckError,
  ConstraintError,
  type ConstraintFields,
  DuplicateKeyError,
  ForeignKeyError,
  NotNullError,
} from "../../base/errors/mod.ts";
import type { AnyModel } from "../../model/types.ts";
import { isServerError, type ServerError } from "../link/server_error.ts";

/** The models of a connection by table. */
export type Tables = ReadonlyMap<string, AnyModel>;

/**
 * Converts the error of a violated constraint, with the fields of the model;
 * returns undefined for other errors.
 *
 * @param model the model that the statement writes, if it is known: the server
 * names the partition, or for a foreign key the referencing table
 */
export function constraintError(
  cause: ServerError,
  byTable: Tables,
  model: AnyModel | undefined = byTable.get(writtenTable(cause) ?? ""),
): ConstraintError | undefined {
  const columns = detailColumns(cause);
  const isOtherTable = model !== undefined && cause.table !== model.table &&
    !columns.every((column) => hasColumn(model, column));
  const subject = `Cannot write ${
    model?.name ?? writtenTable(cause) ?? "the row"
  }: ${isOtherTable ? `in table ${cause.table}, ` : ""}`;
  // An index of a partition has a name that no model knows.
  const index = model !== undefined && cause.table !== model.table &&
      !isOtherTable
    ? ""
    : ` (${cause.constraint})`;
  const names = columns.map((column) => fieldName(model, column));
  const fields: ConstraintFields = {
    cause,
    model: model?.name,
    table: model?.table ?? writtenTable(cause),
    constraint: cause.constraint,
    fields: names,
  };
  switch (cause.code) {
    case SQLSTATE.uniqueViolation:
      return new DuplicateKeyError(
        `${subject}a row with the same ${
          names.length === 0 ? "key" : names.join(", ")
        } exists${index}`,
        fields,
      );
    case SQLSTATE.foreignKeyViolation:
      return new ForeignKeyError(
        `${subject}${cause.detail ?? cause.message} (${cause.constraint})`,
        fields,
      );
    case SQLSTATE.notNullViolation: {
      const { column, table } = cause;
      const name = column === undefined ? undefined : fieldName(model, column);
      return new NotNullError(
        column === undefined || model === undefined || hasColumn(model, column)
          ? `${subject}${name ?? "a field"} is required`
          : `${subject}the column ${column} of table ${table} is required, and the model ${model.name} has no field for it: add the field, or give the column a default`,
        { ...fields, fields: name === undefined ? [] : [name] },
      );
    }
    case SQLSTATE.checkViolation:
      return new CheckError(
        cause.constraint === undefined
          ? `${subject}${
            [cause.message, cause.detail].filter(Boolean).join(". ")
          }`
          : `${subject}the row violates the check constraint ${cause.constraint}`,
        fields,
      );
  }
  return undefined;
}

/** Returns the error of a statement that writes a model. */
export function errorOfModel(error: unknown, model: AnyModel): unknown {
  if (!(error instanceof ConstraintError) || !isServerError(error.cause)) {
    return error;
  }
  return constraintError(error.cause, new Map(), model) ?? error;
}

/** Returns the table that a statement writes. For a foreign key the server reports the referencing table, and the message begins with the other one if it is written, in the quotes of its language. */
function writtenTable(
  { code, message, table }: ServerError,
): string | undefined {
  if (code !== SQLSTATE.foreignKeyViolation) return table;
  return /["«»„“]\s?([^"«»„“”]+?)\s?["«»“”]/.exec(message)?.[1] ?? table;
}

/** Returns the columns in `Key (candid, oid)=(…)`; this part is the same in all languages of the server. */
function detailColumns({ detail }: ServerError): string[] {
  const [, list] = /\(([^()]+)\)=\(/.exec(detail ?? "") ?? [];
  return list?.split(", ").map((name) => name.replaceAll('"', "")) ?? [];
}

function hasColumn({ fields }: AnyModel, column: string): boolean {
  return fields.some((field) => field.column === column);
}

function fieldName(model: AnyModel | undefined, column: string): string {
  return model?.fields.find((field) => field.column === column)?.name ?? column;
}
