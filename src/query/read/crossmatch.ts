import { ahead } from "../../base/ahead.ts";
import type { RunCall } from "../../base/call_scope.ts";
import { LimitError } from "../../base/errors/mod.ts";
import type { AnyModel } from "../../model/types.ts";
import { wholeNumberOption } from "../checks/whole_number.ts";
import { compileFilter } from "../filter/compile_filter.ts";
import { targetOf } from "../filter/sky_values.ts";
import type { Executor } from "../statement/executor.ts";
import type { Models } from "../statement/models.ts";
import {
  distanceOf,
  type PositionFields,
  requiredPosition,
} from "../statement/position.ts";
import type { Rows } from "../statement/statement.ts";
import { CONE_TOLERANCE } from "../../sky/region.ts";
import type { Match } from "./crossmatch_options.ts";
import { createRead, type Read } from "./find.ts";
import { completeRows } from "./load_relations.ts";
import { compileOrder } from "./order.ts";

/** The batches that are read while another one is used. */
const AHEAD = 2;
/** The most targets whose rows are read together, if each has few rows; a tenth of it otherwise. */
const BATCH = 1_000;
/** The greatest `nearest` that is few rows. */
const FEW = 10;
/** The greatest radius in arcseconds of targets whose rows are read together. */
const SMALL_RADIUS = 60;
/** The default of `maxPerTarget`. */
const MAX_PER_TARGET = 1_000;

/** Unchecked options of a cross-match. */
interface RawOptions {
  readonly radius?: unknown;
  readonly nearest?: unknown;
  readonly select?: unknown;
  readonly filterBy?: unknown;
  readonly maxPerTarget?: unknown;
}

/** A checked cross-match. */
interface Crossmatch {
  /** The read of all rows that can match, with their positions. */
  readonly read: Read;
  readonly position: PositionFields;
  readonly radius: unknown;
  readonly nearest: number | undefined;
  readonly maxPerTarget: number;
}

/** A target with its checked position and its index among the targets. */
interface CheckedTarget<T> {
  readonly target: T;
  readonly index: number;
  readonly ra: number;
  readonly dec: number;
  readonly radius: number;
}

/**
 * Checks the options of a cross-match.
 *
 * @throws {QueryError} if the model has no position, or an option has a wrong value
 */
export function compileCrossmatch(
  model: AnyModel,
  options: RawOptions,
  models: Models,
): Crossmatch {
  const position = requiredPosition(model, "crossmatch", "crossmatch");
  const { ra, dec } = position;
  const { radius, select, filterBy } = options;
  const rest = {
    where: compileFilter(model, filterBy, models),
    order: compileOrder(model, undefined),
    limit: undefined,
    offset: 0,
  };
  return {
    read: createRead(model, { select }, models, rest, [ra, dec]),
    position,
    radius,
    nearest: wholeNumberOption(model, "nearest", options.nearest),
    maxPerTarget:
      wholeNumberOption(model, "maxPerTarget", options.maxPerTarget) ??
        MAX_PER_TARGET,
  };
}

/**
 * Yields the rows of each target, the nearest first, in the order of the targets.
 * It holds a few batches of targets at a time. The rows of the next batch are read
 * while those of a batch are used, unless the targets themselves must be waited for.
 */
export async function* crossmatchRows<T>(
  { executor, call }: { readonly executor: Executor; readonly call: RunCall },
  crossmatch: Crossmatch,
  targets: Rows<T>,
): AsyncGenerator<Match<T, object>> {
  const read = (batch: Batch<T>): Promise<readonly Match<T, object>[]> =>
    call(() => matchesOf(executor, crossmatch, batch));
  const collector = collectorOf<T>(crossmatch);
  if (Symbol.iterator in targets) {
    const batches = batchesOf(collector, targets);
    for await (const matches of ahead(batches, read, AHEAD)) yield* matches;
    return;
  }
  for await (const target of targets) {
    for (const batch of collector.add(target)) yield* await read(batch);
  }
  for (const batch of collector.rest()) yield* await read(batch);
}

type Batch<T> = readonly CheckedTarget<T>[];

function* batchesOf<T>(
  collector: Collector<T>,
  targets: Iterable<T>,
): Generator<Batch<T>> {
  for (const target of targets) yield* collector.add(target);
  yield* collector.rest();
}

/** Checks targets and puts them into batches. */
interface Collector<T> {
  /** Adds a target, and returns the batches that are complete. */
  add(target: T): readonly Batch<T>[];
  /** Returns the last batch. */
  rest(): readonly Batch<T>[];
}

function collectorOf<T>(
  { read, radius, nearest = Infinity }: Crossmatch,
): Collector<T> {
  const size = nearest <= FEW ? BATCH : BATCH / 10;
  let batch: CheckedTarget<T>[] = [];
  let index = 0;
  const rest = (): readonly Batch<T>[] => {
    const last = batch;
    batch = [];
    return last.length === 0 ? [] : [last];
  };
  return {
    add(target) {
      const checked = targetOf(read.statement.model, target, radius, index);
      const next = { target, index: index++, ...checked };
      if (next.radius > SMALL_RADIUS) return [...rest(), [next]];
      batch.push(next);
      return batch.length === size ? rest() : [];
    },
    rest,
  };
}

async function matchesOf<T>(
  executor: Executor,
  crossmatch: Crossmatch,
  targets: Batch<T>,
): Promise<readonly Match<T, object>[]> {
  const { read, position, nearest, maxPerTarget } = crossmatch;
  const { model, where, order, fields } = read.statement;
  const found = await executor.run({
    kind: "findNear",
    model,
    position,
    targets: targets.map(({ ra, dec, radius }) => ({ ra, dec, radius })),
    where,
    order,
    fields,
    limit: nearest ?? maxPerTarget + 1,
  });
  const matches = targets.flatMap((target, index) =>
    nearestRows(crossmatch, target, found[index] ?? []).map((match) => ({
      target: target.target,
      ...match,
    }))
  );
  const rows = matches.map(({ row }) => row);
  await completeRows(executor, rows, read.additions);
  return matches;
}

/** Returns the rows of a target that are within its radius. Rows at equal distances keep their order. */
function nearestRows<T>(
  { read, position, nearest, maxPerTarget }: Crossmatch,
  { ra, dec, radius, index }: CheckedTarget<T>,
  rows: readonly object[],
): readonly { readonly row: object; readonly distance: number }[] {
  const within = rows
    .map((row) => ({ row, distance: distanceOf({ position, ra, dec }, row) }))
    .filter(({ distance }) => distance <= radius + CONE_TOLERANCE)
    .sort((left, right) => left.distance - right.distance);
  if (nearest !== undefined) return within.slice(0, nearest);
  if (within.length <= maxPerTarget) return within;
  throw new LimitError(
    `Cannot crossmatch ${read.statement.model.name}: target ${index} has more than ${maxPerTarget} rows within ${radius} arcseconds. Pass nearest, a smaller radius, or a greater maxPerTarget`,
    { limit: "maxPerTarget", allowed: maxPerTarget },
  );
}
