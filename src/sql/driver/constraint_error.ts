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

/** The models of a connection by their tables. */
export type Tables = ReadonlyMap<string, AnyModel>;

/** What a constraint has against a row, by the fields of the model; undefined where the server said something else. */
export function constraintError(
  cause: ServerError,
  byTable: Tables,
): ConstraintError | undefined {
  switch (cause.code) {
    case SQLSTATE.uniqueViolation:
      return new DuplicateKeyError(
        `Cannot write ${about(cause)}: the key ${
          keyOf(cause, byTable)
        } is taken (${cause.constraint})`,
        constraintOf(cause, byTable),
      );
    case SQLSTATE.foreignKeyViolation:
      return new ForeignKeyError(
        `Cannot write ${about(cause)}: ${
          cause.detail ?? cause.message
        } (${cause.constraint})`,
        constraintOf(cause, byTable),
      );
    case SQLSTATE.notNullViolation:
      return new NotNullError(
        `Cannot write ${about(cause)}: ${
          fieldOf(cause, byTable, cause.column ?? "a field")
        } is required`,
        {
          ...constraintOf(cause, byTable),
          fields: cause.column === undefined
            ? []
            : [fieldOf(cause, byTable, cause.column)],
        },
      );
    case SQLSTATE.checkViolation:
      return new CheckError(
        `Cannot write ${
          about(cause)
        }: the rule ${cause.constraint} does not hold`,
        constraintOf(cause, byTable),
      );
  }
  return undefined;
}

function constraintOf(
  cause: ServerError,
  byTable: Tables,
): ConstraintFields {
  return {
    cause,
    table: cause.table,
    constraint: cause.constraint,
    fields: columnsOf(cause).map((column) => fieldOf(cause, byTable, column)),
  };
}

function about({ table }: ServerError): string {
  return table ?? "the row";
}

function keyOf(
  cause: ServerError,
  byTable: Tables,
): string {
  const fields = columnsOf(cause).map((column) =>
    fieldOf(cause, byTable, column)
  );
  return fields.length === 0 ? "a key" : fields.join(", ");
}

/** The columns named in `Key (candid, oid)=(…)`, which every language of the server's keeps as it is. */
function columnsOf({ detail }: ServerError): string[] {
  const [, list] = /\(([^()]+)\)=\(/.exec(detail ?? "") ?? [];
  return list?.split(", ").map((name) => name.replaceAll('"', "")) ?? [];
}

function fieldOf(
  { table }: ServerError,
  byTable: Tables,
  column: string,
): string {
  const model = table === undefined ? undefined : byTable.get(table);
  return model?.fields.find((field) => field.column === column)?.name ?? column;
}
