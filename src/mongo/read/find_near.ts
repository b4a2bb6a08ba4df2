import type { Document } from "mongodb";
import { nearByFind } from "../../query/statement/near_by_find.ts";
import type {
  FindNearStatement,
  TargetCone,
} from "../../query/statement/statement.ts";
import { bsonRowDecoder } from "../codec/bson_row_decoder.ts";
import { compileFilters } from "../compile/filter.ts";
import { findCommand } from "../compile/find_command.ts";
import { coarseFilter, indexedPoint } from "../compile/sky.ts";
import { find } from "./find.ts";
import { aggregated } from "./aggregated.ts";
import type { ReadContext } from "./read_context.ts";

/** Reads the nearest rows of each target. With a 2dsphere index, one command reads those of many targets. */
export function findNear(
  context: ReadContext,
  statement: FindNearStatement,
): Promise<readonly (readonly object[])[]> {
  const { model, position, where } = statement;
  const [filter, ...others] = compileFilters(model, where);
  const isIndexed = indexedPoint(model, position) !== undefined;
  return nearByFind(
    (part) => find(context, part),
    statement,
    isIndexed && filter !== undefined && others.length === 0
      ? (targets) => findAny(context, statement, targets, filter)
      : undefined,
  );
}

/** Reads the rows near some targets: the branches of a union, each with its own scan of the index. The server plans them in a fifth of the time that it needs for a filter with `$or`. */
async function findAny(
  { link }: ReadContext,
  { model, position, order, fields }: FindNearStatement,
  targets: readonly TargetCone[],
  filter: Document,
): Promise<object[]> {
  const [first, ...others] = targets.map((target) => ({
    $match: {
      $and: [
        coarseFilter(model, position, { kind: "cone", ...target }),
        filter,
      ],
    },
  }));
  const pipeline: Document[] = [
    ...first === undefined ? [] : [first],
    ...others.map((match) => ({
      $unionWith: { coll: model.table, pipeline: [match] },
    })),
    // A row near several targets is read once.
    { $group: { _id: "$_id", row: { $first: "$$ROOT" } } },
    { $replaceRoot: { newRoot: "$row" } },
    ...stagesOf({ model, order, fields }),
  ];
  const documents = await aggregated(link, model, pipeline);
  return [...bsonRowDecoder(model, fields)(documents)];
}

/** Returns the stages that sort rows and leave only their fields. */
function stagesOf(
  statement: Pick<FindNearStatement, "model" | "order" | "fields">,
): readonly Document[] {
  const command = findCommand(
    { kind: "find", ...statement, limit: undefined, offset: 0 },
    {},
  );
  if (command.kind === "aggregate") return command.pipeline;
  const { sort, projection } = command;
  return [
    ...sort === undefined ? [] : [{ $sort: sort }],
    ...projection === undefined || Object.keys(projection).length === 0
      ? []
      : [{ $project: projection }],
  ];
}
