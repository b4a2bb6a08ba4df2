import { SQLSTATE } from "../link/sqlstate.ts";
import {
  CheckError,
  type ConstraintError,
  type ConstraintFields,
  DuplicateKeyError,
  ForeignKeyError,
  NotNullError,
} from "../../base/errors/mod.ts";
import type { AnyModel } from "../../model/types.ts";
import type { ServerError } from "../link/server_error.ts";

/** The models of a connection by table. */
export type Tables = ReadonlyMap<string, AnyModel>;

/** Converts the error of a violated constraint, with the fields of the model; returns undefined for other errors. */
export function constraintError(
  cause: ServerError,
  byTable: Tables,
): ConstraintError | undefined {
  switch (cause.code) {
    case SQLSTATE.uniqueViolation:
      return new DuplicateKeyError(
        `Cannot write ${tableText(cause)}: a row with the same ${
          keyText(cause, byTable)
        } exists (${cause.constraint})`,
        constraintFields(cause, byTable),
      );
    case SQLSTATE.foreignKeyViolation:
      return new ForeignKeyError(
        `Cannot write ${tableText(cause)}: ${
          cause.detail ?? cause.message
        } (${cause.constraint})`,
        constraintFields(cause, byTable),
      );
    case SQLSTATE.notNullViolation:
      return new NotNullError(
        `Cannot write ${tableText(cause)}: ${
          fieldName(cause, byTable, cause.column ?? "a field")
        } is required`,
        {
          ...constraintFields(cause, byTable),
          fields: cause.column === undefined
            ? []
            : [fieldName(cause, byTable, cause.column)],
        },
      );
    case SQLSTATE.checkViolation:
      return new CheckError(
        `Cannot write ${
          tableText(cause)
        }: the row violates the check constraint ${cause.constraint}`,
        constraintFields(cause, byTable),
      );
  }
  return undefined;
}

function constraintFields(
  cause: ServerError,
  byTable: Tables,
): ConstraintFields {
  return {
    cause,
    table: cause.table,
    constraint: cause.constraint,
    fields: detailColumns(cause).map((column) =>
      fieldName(cause, byTable, column)
    ),
  };
}

function tableText({ table }: ServerError): string {
  return table ?? "the row";
}

function keyText(
  cause: ServerError,
  byTable: Tables,
): string {
  const fields = detailColumns(cause).map((column) =>
    fieldName(cause, byTable, column)
  );
  return fields.length === 0 ? "key" : fields.join(", ");
}

/** Returns the columns in `Key (candid, oid)=(…)`; this part is the same in all languages of the server. */
function detailColumns({ detail }: ServerError): string[] {
  const [, list] = /\(([^()]+)\)=\(/.exec(detail ?? "") ?? [];
  return list?.split(", ").map((name) => name.replaceAll('"', "")) ?? [];
}

function fieldName(
  { table }: ServerError,
  byTable: Tables,
  column: string,
): string {
  const model = table === undefined ? undefined : byTable.get(table);
  return model?.fields.find((field) => field.column === column)?.name ?? column;
}
