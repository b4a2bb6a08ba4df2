import type { DatabaseError } from "../../base/errors/mod.ts";
import type { Statement } from "../../query/statement/statement.ts";
import type { SqlLink } from "../link/link.ts";
import { withDeniedObject } from "./denied_objects.ts";
import { withMissingRights } from "./missing_rights.ts";
import type { FactsOfTables } from "./table_facts.ts";

/**
 * Returns the error of a denied statement of a model with the right that the role
 * lacks: on the table of the model, or else on the object that the server names.
 *
 * @param link outside of the failed transaction, which accepts no statement
 */
export async function explainDenied(
  { tables, schema }: {
    readonly tables: FactsOfTables;
    readonly schema: string | undefined;
  },
  link: SqlLink,
  error: DatabaseError,
  statement: Statement,
): Promise<unknown> {
  const facts = await tables.of(link, statement.model).catch(() => undefined);
  const known = facts === undefined
    ? error
    : withMissingRights(error, statement, facts);
  return await withDeniedObject(link, known, schema);
}
