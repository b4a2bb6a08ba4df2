import type { Document } from "mongodb";
import { isIndexed } from "../../model/keys.ts";
import type { Condition } from "../../query/statement/condition.ts";
import type { FindEachStatement } from "../../query/statement/statement.ts";
import { codecOf } from "../codec/field_codec.ts";
import { encodeValue } from "../codec/encode_value.ts";
import { compileFilter } from "./filter.ts";
import { type FindCommand, findCommand } from "./find_command.ts";
import { compileSort } from "./sort.ts";
import { splitCondition } from "./split_condition.ts";

/** The name of the array of rows in each document of {@link findEachPipeline}. */
const ROWS = "rows";

/** Splits a statement into parts with fewer keys, each of which fits in one command. */
export function findEachParts(
  statement: FindEachStatement,
): readonly FindEachStatement[] {
  const { key, keys } = statement;
  const parts = splitCondition({ kind: "keys", fields: key, keys });
  return parts.flatMap((part) =>
    part.kind === "keys" ? [{ ...statement, keys: part.keys }] : []
  );
}

/** Matches the rows of the keys that satisfy the condition. */
export function findEachFilter(
  { model, key, keys, where }: FindEachStatement,
): Document {
  const ofKeys: Condition = { kind: "keys", fields: key, keys };
  return compileFilter(
    model,
    where.kind === "all" ? ofKeys : { kind: "and", terms: [ofKeys, where] },
  );
}

/**
 * Compiles a read of the first rows of each key to a pipeline. Its documents
 * hold the rows of one key each, in an array. With an index on the key, the
 * server looks up one key after the other, and stops at the limit. Without one,
 * it groups the rows of all keys in one scan.
 */
export function findEachPipeline(statement: FindEachStatement): Document[] {
  const { model, key } = statement;
  const isLookedUp = isIndexed(model, key) &&
    key.every(({ type }) => codecOf(type).equality === "match") &&
    !key.some(({ type }) => codecOf(type).holdsArrays);
  return isLookedUp ? lookup(statement) : group(statement);
}

function lookup(
  { model, key, keys, where, order, fields, limit }: FindEachStatement,
): Document[] {
  const [only] = key;
  const filter = compileFilter(model, where);
  const rows = pipelineOf(
    findCommand({ kind: "find", model, order, fields, limit, offset: 0 }, {}),
  );
  const matching = Object.keys(filter).length === 0 ? [] : [{ $match: filter }];
  const encoded = keys.map((values) =>
    key.map(({ type }, index) => encodeValue(type, values[index]))
  );
  const isOne = key.length === 1 && only !== undefined;
  return [
    // The keys are the document that the lookup starts from.
    { $limit: 1 },
    {
      $project: {
        _id: 0,
        key: {
          $literal: isOne ? encoded.map(([value]) => value) : encoded.map(
            (values) =>
              Object.fromEntries(
                values.map((value, index) => [`k${index}`, value]),
              ),
          ),
        },
      },
    },
    { $unwind: "$key" },
    {
      $lookup: {
        from: model.table,
        ...(isOne
          ? {
            localField: "key",
            foreignField: only.column,
            pipeline: [...matching, ...rows],
          }
          : {
            let: Object.fromEntries(
              key.map((_, index) => [`k${index}`, `$key.k${index}`]),
            ),
            pipeline: [
              {
                $match: {
                  $expr: {
                    $and: key.map(({ column }, index) => ({
                      $eq: [`$${column}`, `$$k${index}`],
                    })),
                  },
                },
              },
              ...matching,
              ...rows,
            ],
          }),
        as: ROWS,
      },
    },
    { $project: { [ROWS]: 1 } },
  ];
}

function group(statement: FindEachStatement): Document[] {
  const { model, key, order, fields, limit } = statement;
  const { sort, computed } = compileSort(order, model);
  const output = Object.fromEntries(
    fields.map(({ column }) => [column, `$${column}`]),
  );
  return [
    { $match: findEachFilter(statement) },
    ...(Object.keys(computed).length === 0 ? [] : [{ $addFields: computed }]),
    {
      $group: {
        _id: Object.fromEntries(
          key.map(({ column }, index) => [`k${index}`, `$${column}`]),
        ),
        [ROWS]: order.length === 0
          ? { $firstN: { n: limit, input: output } }
          : { $topN: { n: limit, sortBy: sort, output } },
      },
    },
    { $project: { _id: 0, [ROWS]: 1 } },
  ];
}

function pipelineOf(command: FindCommand): Document[] {
  if (command.kind === "aggregate") return command.pipeline;
  const { projection, sort, limit } = command;
  return [
    ...(sort === undefined ? [] : [{ $sort: sort }]),
    ...(limit === undefined ? [] : [{ $limit: limit }]),
    ...(projection === undefined ? [] : [{ $project: projection }]),
  ];
}
