import { SQLSTATE } from "../link/sqlstate.ts";
import { MigrationError } from "../../base/errors/mod.ts";
import {
  isHidden,
  type ServerError,
  serverErrorOf,
} from "../link/server_error.ts";
import { statementTitle } from "../migrations/file/statement_title.ts";
import { withoutStatementLiterals } from "../migrations/file/without_statement_literals.ts";
import { commandHint } from "../../base/hints.ts";

/** The circumstances of a failure. */
interface Circumstances {
  /** The session that held the lock. */
  readonly by: string | undefined;
  /** The number of attempts. */
  readonly attempt: number;
  /** Other statements of the step, whose literals the message does not repeat. */
  readonly others: readonly string[];
  /** The right that the role lacks, and the GRANT, if they are known. */
  readonly right: string | undefined;
}

/** Returns the error for a failed statement of a step: the statement, the reason of the server, and advice. */
export function stepFailure(
  error: unknown,
  statement: string,
  circumstances: Circumstances,
): Error {
  const cause = serverErrorOf(error);
  if (cause === undefined) {
    return error instanceof Error ? error : new MigrationError(String(error));
  }
  const title = statementTitle(statement);
  const advice = adviceText(cause, title, circumstances);
  return new MigrationError(
    `${title === "" ? "" : `${title}: `}${
      withoutStatementLiterals(
        cause.message.trim(),
        statement,
        ...circumstances.others,
      )
    } (${cause.code})${advice === "" ? "" : `. ${advice}`}`,
    { cause },
  );
}

function adviceText(
  cause: ServerError,
  title: string,
  circumstances: Circumstances,
): string {
  const { code, table = "the table", column, constraint } = cause;
  const extension = /^create extension/i.test(title)
    ? EXTENSION[code]
    : undefined;
  if (extension !== undefined) return extension;
  switch (code) {
    case SQLSTATE.uniqueViolation: {
      const keys = keysOf(cause);
      return keys === undefined || !/^(?:create|alter)/i.test(title)
        ? `A row with the same ${keys ?? "key"} already exists`
        : `Several rows have the same ${keys}. Find them with SELECT ${keys}, count(*) FROM ${table} GROUP BY ${keys} HAVING count(*) > 1`;
    }
    case SQLSTATE.checkViolation:
      return `Existing rows violate the constraint ${
        constraint ?? ""
      }: fix them in a step before this one, or change the constraint`;
    case SQLSTATE.notNullViolation:
      return `Existing rows have no ${
        column ?? "value"
      }: fill it in a step before this one: UPDATE ${table} SET ${
        column ?? "…"
      } = … WHERE ${column ?? "…"} IS NULL`;
    case SQLSTATE.foreignKeyViolation:
      return "Existing rows refer to missing rows: insert the missing rows or change the existing ones in a step before this one";
    case SQLSTATE.activeSqlTransaction:
      return "The statement cannot run in a transaction: put it in a step of its own, `dbp:step tx=none`";
    case SQLSTATE.unsafeNewEnumValueUsage:
      return "A new enum value can be used only after its transaction: put the statement that uses it in a step of its own";
    case SQLSTATE.lockNotAvailable:
      return `The step tried ${circumstances.attempt} times to acquire the lock${
        circumstances.by === undefined
          ? ""
          : `; in the end ${circumstances.by} held it`
      }. Run it again when that session has ended, or end the session with pg_terminate_backend`;
    case SQLSTATE.deadlockDetected:
    case SQLSTATE.serializationFailure:
      return `The step was tried ${circumstances.attempt} times. Run it again when there are fewer writes`;
    case SQLSTATE.queryCanceled:
      return "If the statement timed out, give the step more time: `dbp:step statement_timeout=1h`";
    case SQLSTATE.insufficientPrivilege:
      if (isHidden(cause)) return HIDDEN;
      return `${
        circumstances.right === undefined ? "" : `${circumstances.right}. `
      }Run migrations as the owner of the tables, or as a member of that role`;
    case SQLSTATE.duplicateTable:
    case SQLSTATE.duplicateColumn:
    case SQLSTATE.duplicateObject:
      return `The object already exists, and this migration did not create it. If it is the object that the file creates, ${
        commandHint("stamp")
      } records the file as applied`;
    case SQLSTATE.undefinedSchema:
      return "Create the schema, and what the statement uses in it: generated migrations create objects of the connection's schema only";
    case SQLSTATE.undefinedTable:
    case SQLSTATE.undefinedColumn:
    case SQLSTATE.undefinedObject:
    case SQLSTATE.undefinedFunction:
      return "Migrations search for names in the schema of the connection and in schemas of extensions without tables. Write the schema before any other name, or move an extension with ALTER EXTENSION … SET SCHEMA";
    case SQLSTATE.dependentObjectsStillExist: {
      const dependents = dependentsOf(cause);
      return `${
        dependents.length === 0
          ? "Other objects depend on it"
          : `These objects depend on it: ${dependents.join(", ")}`
      }. Drop or change them in a step before this one`;
    }
    case SQLSTATE.diskFull:
      return "The disk of the server is full";
  }
  return "";
}

/** Advice for CREATE EXTENSION; servers have used two codes for an extension that is not installed. */
const EXTENSION: Readonly<Record<string, string>> = {
  [SQLSTATE.featureNotSupported]:
    "The server's administrator must install the extension first",
  [SQLSTATE.undefinedFile]:
    "The server's administrator must install the extension first",
  [SQLSTATE.insufficientPrivilege]:
    "A superuser must create it, or, if the extension is trusted, a role with the CREATE privilege on the database. Then run this again",
  [SQLSTATE.duplicateObject]:
    "The database already has it: write CREATE EXTENSION IF NOT EXISTS",
};

/** Advice if row-level security hides rows, which a migration would otherwise skip silently. */
export const HIDDEN =
  "Row-level security policies hide rows from this role, but a migration needs all rows: run it as a role with BYPASSRLS, or between ALTER TABLE … NO FORCE ROW LEVEL SECURITY and ALTER TABLE … FORCE ROW LEVEL SECURITY";

/** Returns the columns named in `Key (candid, oid)=(…)`. */
function keysOf({ detail }: ServerError): string | undefined {
  return /\(([^()]+)\)=\(/.exec(detail ?? "")?.[1];
}

/** Returns the dependent objects in lines such as `view bright depends on column mag of table star`. */
function dependentsOf({ detail }: ServerError): string[] {
  return [
    ...new Set(
      (detail ?? "").split("\n").flatMap((line) =>
        /^(.+) depends on /.exec(line)?.[1] ?? []
      ),
    ),
  ];
}
