import { isLeftToServer, writtenFields } from "../../model/server_filling.ts";
import type {
  Outcome,
  UpsertStatement,
} from "../../query/statement/statement.ts";
import type { Collations } from "../codec/collations.ts";
import type { SqlTransaction } from "../link/link.ts";
import type { Layering } from "./layers.ts";
import { defaultsOfKey, insertNewRows, withoutDefaults } from "./filled_key.ts";
import { mergeStage } from "./merge.ts";
import { retryMerge } from "./retry_merge.ts";
import { createStagedWriter } from "./staged_writer.ts";
import { withSequenceAdvice } from "./taken_numbers.ts";
import type { BulkWriter } from "./writer.ts";

/** Returns the layering of an upsert: rows with the same fields share a layer. Rows leave out the columns of the key that they leave to the server. */
export function upsertLayering(statement: UpsertStatement): Layering {
  const { model, conflict, prefer } = statement;
  return {
    model,
    keys: [withoutDefaults(conflict)],
    required: conflict,
    optional: model.fields,
    columns(given) {
      const key = conflict.filter((field) => !isLeftToServer(field));
      const needed = new Set([...given, ...key, ...prefer]);
      return writtenFields(model).filter((field) =>
        needed.has(field) || field.default !== undefined ||
        field.onUpdate !== undefined
      );
    },
  };
}

/** Inserts and updates rows through stages, merged in key order. */
export function upsertWriter(
  tx: SqlTransaction,
  statement: UpsertStatement,
  schema: string | undefined,
  collations: Collations,
): BulkWriter<Outcome<UpsertStatement>> {
  const outcome = { inserted: 0, updated: 0, unchanged: 0 };
  const { model, conflict } = statement;
  const staged = createStagedWriter(tx, async (shape, stage) => {
    const hasKey = conflict.every((field) => stage.columns.includes(field));
    const { inserted, updated } = await retryMerge(
      tx,
      () =>
        hasKey
          ? mergeStage(tx, statement, { schema, collations }, shape, stage)
          : insertNewRows(tx, model, schema, stage),
    ).catch((error) => {
      throw withSequenceAdvice(error, model, stage.columns);
    });
    outcome.inserted += inserted;
    outcome.updated += updated;
    outcome.unchanged += stage.rows() - inserted - updated;
  }, (shape) => defaultsOfKey(tx, model, schema, conflict, shape));
  return {
    async write(layers) {
      for (const layer of layers) await staged.add(layer);
    },
    async finish() {
      await staged.finish();
      return outcome;
    },
  };
}
