import { MigrationError } from "../../../base/errors/mod.ts";
import { EXIT } from "../../../base/errors/exit_codes.ts";
import { managedName } from "../../../migrations/plan/managed_names.ts";
import { defaultValue } from "../../../query/write/values.ts";
import { named } from "../../codec/quote.ts";
import { isHidden } from "../../link/server_error.ts";
import { HIDDEN } from "../../schema/failure_advice.ts";
import type { LiveColumn } from "../../schema/introspect.ts";
import { literal, literalText } from "../compare/literal.ts";
import { row } from "../../link/run.ts";
import type { DecisionContext } from "./decision_context.ts";

/**
 * Returns the value that the user gave for existing rows, as an SQL expression.
 *
 * @throws {MigrationError} with exit code 7 if it does not fit the type
 */
export async function givenValue(
  table: string,
  column: LiveColumn,
  { intent, scratch }: DecisionContext,
): Promise<string | undefined> {
  const name = managedName.column(table, column.name);
  const text = intent.defaults.get(name);
  if (text === undefined) return undefined;
  try {
    await row(scratch.tx, "SAVEPOINT dbp_default");
    await scratch.tx.query({
      text: `SELECT cast($1 as ${column.type})`,
      values: [text],
    });
    await row(scratch.tx, "RELEASE SAVEPOINT dbp_default");
  } catch (error) {
    await row(scratch.tx, "ROLLBACK TO SAVEPOINT dbp_default");
    throw new MigrationError(
      `Cannot fill ${name}: the value given with --default does not fit its type, ${column.type}.`,
      { exitCode: EXIT.undecided, cause: error },
    );
  }
  return literalText(column.type, text);
}

/** Returns the value that the model gives new rows, as an SQL expression; undefined if it has none. */
export function modelDefault(
  table: string,
  column: string,
  { models }: DecisionContext,
): string | undefined {
  const field = models.find((model) => model.table === table)?.fields
    .find((field) => field.column === column);
  const value = field && defaultValue(field);
  return field === undefined || value === undefined || value === null
    ? undefined
    : literal(field, value);
}

/** Returns whether a table has more rows than a number; a table that does not exist has none. */
export async function hasMoreRows(
  table: string,
  rows: number,
  { scratch, renames }: Pick<DecisionContext, "scratch" | "renames">,
): Promise<boolean> {
  const old = [...renames.tables].find(([, to]) => to === table)?.[0] ?? table;
  if (!scratch.live.has(old)) return false;
  const [found] = await row(
    scratch.tx,
    `select count(*) > ${rows} from (select from ${named(scratch.home)}.${
      named(old)
    } limit ${rows + 1}) as counted`,
  );
  return found === "t";
}

/**
 * Returns whether a table has rows, or rows with null in a column.
 *
 * @throws {MigrationError} if row-level security policies hide rows from the role
 */
export async function hasRows(
  table: string,
  column: string | undefined,
  { scratch, renames }: DecisionContext,
): Promise<boolean> {
  const old = [...renames.tables].find(([, to]) => to === table)?.[0] ?? table;
  const before = column === undefined
    ? undefined
    : scratch.live.get(old)?.columns.find(({ name }) =>
      (renames.columns.get(old)?.get(name) ?? name) === column
    )?.name;
  const where = before === undefined ? "" : ` where ${named(before)} is null`;
  try {
    const [found] = await row(
      scratch.tx,
      `select exists (select from ${named(scratch.home)}.${
        named(old)
      }${where})`,
    );
    return found === "t";
  } catch (error) {
    if (!isHidden(error)) throw error;
    throw new MigrationError(
      `Cannot check whether ${old} has rows. ${HIDDEN}`,
      { cause: error },
    );
  }
}
