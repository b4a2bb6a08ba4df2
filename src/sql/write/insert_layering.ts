import type { Field } from "../../model/field.ts";
import { fieldsNamed, keysOf } from "../../model/keys.ts";
import { isLeftToServer, writtenFields } from "../../model/server_filling.ts";
import type { InsertStatement } from "../../query/statement/statement.ts";
import { isExactKey } from "../codec/stored_form.ts";
import { roundsEncoding } from "../codec/written_value.ts";
import type { TableFacts } from "../schema/table_facts.ts";
import { ascendingField } from "./ascending.ts";
import type { Layering } from "./layers.ts";
import { areExactReferences, ownReferences } from "./own_references.ts";

/** Whether rows keep their order, because they are returned and their order alone says which is which: the server may fill the first key. */
export function keepsOrder({ model, returning }: InsertStatement): boolean {
  const [key = []] = keysOf(model);
  return returning !== undefined &&
    !fieldsNamed(model, key).every((field) =>
      field.filled !== "generated" && !isLeftToServer(field)
    );
}

/** Returns the layering of an insert: rows leave out the columns that they leave to the server, and all rows leave out generated columns. */
export function insertLayering(
  statement: InsertStatement,
  facts: TableFacts,
): Layering {
  const { model } = statement;
  const references = ownReferences(model);
  const written = writtenFields(model);
  const optional = written.filter((field) =>
    isLeftToServer(field) || isForbidden(field, facts)
  );
  const always = written.filter((field) => !optional.includes(field));
  return {
    model,
    keys: keysOf(model).map((key) => fieldsNamed(model, key)),
    references,
    required: [],
    shapes: new Map(),
    optional,
    isExact: !keepsOrder(statement) && areExactReferences(references, facts) &&
      keysOf(model).flat().every((name) =>
        fieldsNamed(model, [name]).every((field) =>
          isExactKey(field, facts.columns.get(field.column))
        )
      ),
    ascending: ascendingField(fieldsNamed(model, model.primaryKey), facts),
    texts: written.filter((field) =>
      roundsEncoding(field, facts.columns.get(field.column))
    ),
    columns: (given) => optional.length === 0 ? written : [...always, ...given],
  };
}

/** Whether the role may not write the column of a field, so that rows without the field leave it to the server. */
function isForbidden(field: Field, { columns }: TableFacts): boolean {
  return field.nullable && field.default === undefined &&
    field.onUpdate === undefined &&
    columns.get(field.column)?.rights.insert === false;
}
