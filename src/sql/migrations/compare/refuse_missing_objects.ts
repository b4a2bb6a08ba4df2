import { MigrationError } from "../../../base/errors/mod.ts";
import { EXIT } from "../../../base/errors/exit_codes.ts";
import { commandHint } from "../../../base/hints.ts";
import type { AnyModel } from "../../../model/types.ts";
import { bindType } from "../../codec/column_type.ts";
import { serverErrorOf } from "../../link/server_error.ts";
import { SQLSTATE } from "../../link/sqlstate.ts";
import { unqualifiedType } from "../../schema/enum_types.ts";
import { aside, row } from "../../link/run.ts";
import type { Scratch } from "./scratch_schema.ts";

/** SQLSTATEs of a missing type and a missing sequence. */
const MISSING: readonly string[] = [
  SQLSTATE.undefinedObject,
  SQLSTATE.undefinedTable,
];

/** The name of a sequence in a default. */
const SEQUENCE = /\bnextval\(\s*'((?:[^']|'')+)'/i;

/**
 * Returns the error for a type or a sequence that models name and the database
 * does not have: only a person knows its definition. Returns other errors
 * unchanged.
 */
export async function missingObjectError(
  { tx }: Scratch,
  models: readonly AnyModel[],
  error: unknown,
): Promise<unknown> {
  if (!MISSING.includes(serverErrorOf(error)?.code ?? "")) return error;
  const exists = async (what: "type" | "class", name: string) => {
    const [found] = await aside(
      tx,
      () => row(tx, `select to_reg${what}($1) is not null`, [name]),
    );
    return found === "t";
  };
  for (const { table, fields } of models) {
    for (const field of fields) {
      const { column, sqlType = "", sqlDefault = "" } = field;
      const type = unqualifiedType(sqlType);
      const sequence = SEQUENCE.exec(sqlDefault)?.[1]?.replaceAll("''", "'");
      const missing = type !== undefined && !await exists("type", type)
        ? {
          what: `type ${type}`,
          statement: `CREATE DOMAIN ${type} AS ${
            bindType({ ...field, sqlType: undefined }).replace(/\[\]$/, "")
          }`,
          other: ", or the CREATE TYPE that defines it,",
        }
        : sequence !== undefined && !await exists("class", sequence)
        ? {
          what: `sequence ${sequence}`,
          statement: `CREATE SEQUENCE ${sequence}`,
          other: "",
        }
        : undefined;
      if (missing === undefined) continue;
      const { what, statement, other } = missing;
      return new MigrationError(
        `Cannot plan ${table}.${column}: the ${what} does not exist, and the models do not define it. Write ${statement}${other} in a migration of its own (${
          commandHint("make_migrations --empty")
        }) and apply it first.`,
        { exitCode: EXIT.undecided, cause: error },
      );
    }
  }
  return error;
}
