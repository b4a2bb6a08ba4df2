import { SQLSTATE } from "../link/sqlstate.ts";
import { MigrationError } from "../../base/errors/mod.ts";
import { type ServerError, serverErrorOf } from "../link/server_error.ts";
import { beginning } from "../migrations/file/statement_title.ts";

/** What else is known of a failure. */
export interface Circumstances {
  /** Whom the session waited for. */
  readonly by: string | undefined;
  /** How often it was tried. */
  readonly attempt: number;
}

/** How a failed statement of a step is told: which, why by the server, and what to do. */
export function stepFailure(
  error: unknown,
  statement: string,
  circumstances: Circumstances,
): Error {
  const cause = serverErrorOf(error);
  if (cause === undefined) {
    return error instanceof Error ? error : new MigrationError(String(error));
  }
  const told = beginning(statement);
  const advice = adviceOf(cause, told, circumstances);
  return new MigrationError(
    `${told === "" ? "" : `${told}: `}${cause.message} (${cause.code})${
      advice === "" ? "" : `. ${advice}`
    }`,
    { cause },
  );
}

function adviceOf(
  cause: ServerError,
  told: string,
  circumstances: Circumstances,
): string {
  const { code, table = "the table", column, constraint } = cause;
  const extension = /^create extension/i.test(told)
    ? EXTENSION[code]
    : undefined;
  if (extension !== undefined) return extension;
  switch (code) {
    case SQLSTATE.uniqueViolation: {
      const keys = keysOf(cause);
      return keys === undefined || !/^(?:create|alter)/i.test(told)
        ? `A row with the same ${keys ?? "key"} is there already`
        : `Several rows have the same ${keys}; they are found by SELECT ${keys}, count(*) FROM ${table} GROUP BY ${keys} HAVING count(*) > 1`;
    }
    case SQLSTATE.checkViolation:
      return `Rows that are there break the rule ${
        constraint ?? ""
      }: change them in a step before, or the rule`;
    case SQLSTATE.notNullViolation:
      return `Rows that are there have no ${
        column ?? "value"
      }: fill it in a step before: UPDATE ${table} SET ${
        column ?? "…"
      } = … WHERE ${column ?? "…"} IS NULL`;
    case SQLSTATE.foreignKeyViolation:
      return "Rows that are there refer to ones that are not: make those or change these in a step before";
    case SQLSTATE.activeSqlTransaction:
      return "It may not be in a transaction: give it a step of its own, `dbp:step tx=none`";
    case SQLSTATE.unsafeNewEnumValueUsage:
      return "A new value of an enum is of use only after its transaction: give what uses it a step of its own";
    case SQLSTATE.lockNotAvailable:
      return `The lock was tried for ${circumstances.attempt} times${
        circumstances.by === undefined
          ? ""
          : `; ${circumstances.by} had it at the last`
      }. Run it when that has ended, or end it with pg_terminate_backend`;
    case SQLSTATE.deadlockDetected:
    case SQLSTATE.serializationFailure:
      return `It was tried ${circumstances.attempt} times. Run it when less is written`;
    case SQLSTATE.queryCanceled:
      return "Where its time was over, give the step more: `dbp:step statement_timeout=1h`";
    case SQLSTATE.insufficientPrivilege:
      if (isHidden(cause)) return HIDDEN;
      return "Migrations are run by the owner of the tables, or by a member of that role";
    case SQLSTATE.duplicateTable:
    case SQLSTATE.duplicateColumn:
    case SQLSTATE.duplicateObject:
      return "It is there already, and not from this migration; where it is what the file makes, `dbp stamp` records the file as applied";
    case SQLSTATE.undefinedTable:
    case SQLSTATE.undefinedColumn:
    case SQLSTATE.undefinedObject:
    case SQLSTATE.undefinedFunction:
      return "Names are looked for in the connection's schema and in those of extensions that hold no tables; anything else is written with its schema, and an extension is moved by ALTER EXTENSION … SET SCHEMA";
    case SQLSTATE.dependentObjectsStillExist: {
      const dependents = dependentsOf(cause);
      return `${
        dependents.length === 0
          ? "Other objects depend on it"
          : `What depends on it: ${dependents.join(", ")}`
      }. Drop or change that in a step before`;
    }
    case SQLSTATE.diskFull:
      return "The server's disk is full";
  }
  return "";
}

/** What to do where an extension cannot be made; an older server does not know by its own code that it has none. */
const EXTENSION: Readonly<Record<string, string>> = {
  [SQLSTATE.featureNotSupported]:
    "The server's administrator must install it first",
  [SQLSTATE.undefinedFile]: "The server's administrator must install it first",
  [SQLSTATE.insufficientPrivilege]:
    "A superuser makes it, or, where it is a trusted one, somebody who may create in the database; run this again when it is there",
  [SQLSTATE.duplicateObject]:
    "The database has it already: write CREATE EXTENSION IF NOT EXISTS",
};

/** What to do where policies hide rows, which would be left out in silence otherwise. */
export const HIDDEN =
  "Policies hide rows of it from this role, and a migration is for all of them: run it as a role with BYPASSRLS, or in steps before and after ALTER TABLE … NO FORCE ROW LEVEL SECURITY and FORCE ROW LEVEL SECURITY";

/** Whether the server refused because policies hide rows. */
export function isHidden(error: unknown): boolean {
  const cause = serverErrorOf(error);
  return cause?.code === SQLSTATE.insufficientPrivilege &&
    /row.level security/.test(cause.message);
}

/** The columns named in `Key (candid, oid)=(…)`. */
function keysOf({ detail }: ServerError): string | undefined {
  return /\(([^()]+)\)=\(/.exec(detail ?? "")?.[1];
}

/** What depends, by kind and name, of the lines `view bright depends on column mag of table star`. */
function dependentsOf({ detail }: ServerError): string[] {
  return [
    ...new Set(
      (detail ?? "").split("\n").flatMap((line) =>
        /^(.+) depends on /.exec(line)?.[1] ?? []
      ),
    ),
  ];
}
