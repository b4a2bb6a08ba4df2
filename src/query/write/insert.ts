import { QueryError } from "../../base/errors/mod.ts";
import type { AnyModel } from "../../model/types.ts";
import type { Executor } from "../statement/executor.ts";
import { withReadableRows } from "../checks/unreadable_row.ts";
import { withExtra } from "./extra_fields.ts";
import { ofOneRow } from "./of_one_row.ts";
import { newRow } from "./values.ts";

/** Inserts one row and returns it as it is stored. */
export async function insert(
  executor: Executor,
  model: AnyModel,
  row: unknown,
): Promise<object> {
  if (typeof row !== "object" || row === null || Array.isArray(row)) {
    throw new QueryError(
      `Cannot insert into ${model.name}: insert takes one row, an object like { mjd: 58270.5 }; for several rows use bulkInsert`,
      { model: model.name, field: "row" },
    );
  }
  try {
    const values = withReadableRows(
      model,
      (row) => newRow(model, withExtra(model, row), 0),
    )(row, 0);
    return await executor.run({ kind: "insertRow", model, row: values });
  } catch (error) {
    throw ofOneRow(error);
  }
}
