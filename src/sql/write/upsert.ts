import type {
  Outcome,
  UpsertStatement,
} from "../../query/statement/statement.ts";
import type { SqlTransaction } from "../link/link.ts";
import type { Layering, Shape } from "./layers.ts";
import { createStage, merging, type Stage } from "./stage.ts";
import { mergeStage } from "./merge.ts";
import type { BulkWriter } from "./writer.ts";

/** How the rows of an upsert become layers: those that give the same fields go together. */
export function upsertLayering(statement: UpsertStatement): Layering {
  const { model, conflict, prefer } = statement;
  return {
    model,
    keys: [conflict],
    required: conflict,
    optional: model.fields,
    columns(given) {
      const wanted = new Set([...given, ...conflict, ...prefer]);
      return model.fields.filter((field) =>
        wanted.has(field) || field.default !== undefined ||
        field.onUpdate !== undefined
      );
    },
  };
}

/**
 * Writes new rows and changes to those that are there, through a temporary
 * table for each set of fields, merged in key order.
 */
export function upsertWriter(
  tx: SqlTransaction,
  statement: UpsertStatement,
  schema: string | undefined,
): BulkWriter<Outcome<UpsertStatement>> {
  const stages = new Map<Shape, Stage>();
  const outcome = { inserted: 0, updated: 0, unchanged: 0 };
  let pending: Shape | undefined;

  async function merge(): Promise<void> {
    const stage = pending === undefined ? undefined : stages.get(pending);
    if (pending === undefined || stage === undefined) return;
    const shape = pending;
    const { inserted, updated } = await merging(
      tx,
      () => mergeStage(tx, statement, schema, shape, stage),
    );
    outcome.inserted += inserted;
    outcome.updated += updated;
    outcome.unchanged += stage.rows() - inserted - updated;
  }

  return {
    async write(layers) {
      for (const layer of layers) {
        // Rows that give other fields wait until those before them are in.
        if (pending !== undefined && pending !== layer.shape) {
          await merge();
          await stages.get(pending)?.clear();
        }
        pending = layer.shape;
        const stage = stages.get(pending) ??
          await createStage(tx, pending.columns);
        stages.set(pending, stage);
        await stage.fill(layer);
      }
    },
    async finish() {
      await merge();
      for (const stage of stages.values()) await stage.drop();
      return outcome;
    },
  };
}
