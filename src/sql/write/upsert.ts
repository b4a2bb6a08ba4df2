import { writtenFields } from "../../model/server_filling.ts";
import type {
  Outcome,
  UpsertStatement,
} from "../../query/statement/statement.ts";
import type { SqlTransaction } from "../link/link.ts";
import type { Layering } from "./layers.ts";
import { mergeStage } from "./merge.ts";
import { retryMerge } from "./retry_merge.ts";
import { createStagedWriter } from "./staged_writer.ts";
import type { BulkWriter } from "./writer.ts";

/** Returns the layering of an upsert: rows with the same fields share a layer. */
export function upsertLayering(statement: UpsertStatement): Layering {
  const { model, conflict, prefer } = statement;
  return {
    model,
    keys: [conflict],
    required: conflict,
    optional: model.fields,
    columns(given) {
      const needed = new Set([...given, ...conflict, ...prefer]);
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
): BulkWriter<Outcome<UpsertStatement>> {
  const outcome = { inserted: 0, updated: 0, unchanged: 0 };
  const staged = createStagedWriter(tx, async (shape, stage) => {
    const { inserted, updated } = await retryMerge(
      tx,
      () => mergeStage(tx, statement, schema, shape, stage),
    );
    outcome.inserted += inserted;
    outcome.updated += updated;
    outcome.unchanged += stage.rows() - inserted - updated;
  });
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
