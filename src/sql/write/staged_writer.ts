import type { Field } from "../../model/field.ts";
import type { SqlTransaction } from "../link/link.ts";
import type { Layer, Shape } from "./layers.ts";
import { createStage, isStagedAsValues } from "./create_stage.ts";
import type { Stage } from "./stage.ts";
import type { BulkTarget } from "./writer.ts";
import { createValuesStage } from "./values_stage.ts";

/** Copies layers to temporary tables, one for each shape, and merges them in the order of the layers. */
interface StagedWriter {
  /** Copies a layer to the stage of its shape. */
  add(layer: Layer): Promise<void>;
  /** Merges the rest and drops the stages. */
  finish(): Promise<void>;
}

/**
 * Creates the writer.
 *
 * @param isSmall whether there are few rows, which need no temporary table
 * @param merge merges the rows of a stage into the table; it knows whether they are all rows of the write
 * @param defaultsOf returns defaults for columns that rows of a shape omit
 */
export function createStagedWriter(
  tx: SqlTransaction,
  { facts, isSmall }: Pick<BulkTarget, "facts" | "isSmall">,
  merge: (shape: Shape, stage: Stage, isWhole: boolean) => Promise<void>,
  defaultsOf?: (shape: Shape) => Promise<ReadonlyMap<Field, string>>,
): StagedWriter {
  const stages = new Map<Shape, Stage>();
  let isFirst = true;
  let pending: { readonly shape: Shape; readonly stage: Stage } | undefined;

  async function stageOf({ shape }: Layer): Promise<Stage> {
    const create = isSmall || isStagedAsValues(shape.columns, facts)
      ? createValuesStage
      : createStage;
    const stage = stages.get(shape) ??
      await create(tx, shape.columns, facts, await defaultsOf?.(shape));
    stages.set(shape, stage);
    return stage;
  }

  return {
    async add(layer) {
      const { shape } = layer;
      // Earlier rows of another shape must be in the table first.
      if (
        pending !== undefined &&
        (pending.shape !== shape || pending.stage.isSmall)
      ) {
        await merge(pending.shape, pending.stage, false);
        isFirst = false;
        await pending.stage.clear();
      }
      pending = { shape, stage: await stageOf(layer) };
      await pending.stage.fill(layer);
    },
    async finish() {
      if (pending !== undefined) {
        await merge(pending.shape, pending.stage, isFirst);
      }
      for (const stage of stages.values()) await stage.drop();
    },
  };
}
