import type { Field } from "../../model/field.ts";
import type { SqlTransaction } from "../link/link.ts";
import type { Layer, Shape } from "./layer.ts";
import { type KeyHashes, keyHashes } from "./key_hashes.ts";
import { createStage, isStagedAsValues } from "./create_stage.ts";
import type { Stage } from "./stage.ts";
import type { BulkTarget } from "./writer.ts";
import { createValuesStage } from "./values_stage.ts";

/** The rows of a stage. */
export interface StagedFacts {
  /** Whether they are all rows of the write. */
  readonly isWhole: boolean;
  /** Whether they are known to have different keys. */
  readonly areDistinct: boolean;
}

/** Copies layers to temporary tables, one for each shape, and merges them in the order of the layers. */
interface StagedWriter {
  /** Copies a layer to the stage of its shape. */
  add(layer: Layer): Promise<void>;
  /** Merges the rows that were added so far. */
  flush(): Promise<void>;
  /** Merges the rest and drops the stages. */
  finish(): Promise<void>;
}

/** The stage that holds rows, until it is merged. */
interface Pending {
  readonly shape: Shape;
  readonly stage: Stage;
  readonly hashes: KeyHashes;
}

/**
 * Creates the writer.
 *
 * @param isSmall whether there are few rows, which need no temporary table
 * @param merge merges the rows of a stage into the table
 * @param defaultsOf returns defaults for columns that rows of a shape omit
 * @param key the fields that different rows are to have different values of; undefined if they need not be compared
 */
export function createStagedWriter(
  tx: SqlTransaction,
  { facts, isSmall }: Pick<BulkTarget, "facts" | "isSmall">,
  merge: (shape: Shape, stage: Stage, facts: StagedFacts) => Promise<void>,
  defaultsOf?: (shape: Shape) => Promise<ReadonlyMap<Field, string>>,
  key?: readonly Field[],
): StagedWriter {
  const stages = new Map<Shape, Stage>();
  let isFirst = true;
  let pending: Pending | undefined;

  async function stageOf({ shape }: Layer): Promise<Stage> {
    const create = isSmall || isStagedAsValues(shape.columns, facts)
      ? createValuesStage
      : createStage;
    const stage = stages.get(shape) ??
      await create(tx, shape.columns, facts, await defaultsOf?.(shape));
    stages.set(shape, stage);
    return stage;
  }

  function mergePending(
    { shape, stage, hashes }: Pending,
    isWhole: boolean,
  ): Promise<void> {
    const areDistinct = hashes.areDistinct();
    return merge(shape, stage, { isWhole, areDistinct });
  }

  async function flush(): Promise<void> {
    if (pending === undefined) return;
    await mergePending(pending, false);
    isFirst = false;
    await pending.stage.clear();
    pending = undefined;
  }

  return {
    flush,
    async add(layer) {
      const { shape } = layer;
      // Earlier rows of another shape must be in the table first.
      if (
        pending !== undefined &&
        (pending.shape !== shape || pending.stage.isSmall)
      ) await flush();
      pending ??= {
        shape,
        stage: await stageOf(layer),
        hashes: keyHashes(key, shape.columns),
      };
      const filling = pending.stage.fill(layer);
      pending.hashes.add(layer);
      await filling;
    },
    async finish() {
      if (pending !== undefined) await mergePending(pending, isFirst);
      for (const stage of stages.values()) await stage.drop();
    },
  };
}
