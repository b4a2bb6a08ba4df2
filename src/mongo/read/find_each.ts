import type { FindEachStatement } from "../../query/statement/statement.ts";
import { bsonRowDecoder } from "../codec/bson_row_decoder.ts";
import { itemsOfOnlyArray } from "../codec/bson/elements.ts";
import {
  findEachFilter,
  findEachParts,
  findEachPipeline,
} from "../compile/find_each.ts";
import { withRowKey } from "./find.ts";
import type { ReadContext } from "./read_context.ts";

/** The most keys in one reply. */
const READ_BATCH = 5_000;

/** Reads the first rows of each key. */
export async function findEach(
  { link }: ReadContext,
  statement: FindEachStatement,
): Promise<object[]> {
  const { model, fields } = statement;
  const decode = bsonRowDecoder(model, fields);
  const rows: object[] = [];
  for (const part of findEachParts(statement)) {
    const pipeline = findEachPipeline(part);
    const documents = await link.send({
      table: model.table,
      command: { name: "aggregate", parts: { pipeline } },
      work: async (collection, options) => {
        const groups = await collection.aggregate<Uint8Array>(pipeline, {
          ...options,
          raw: true,
          batchSize: READ_BATCH,
          allowDiskUse: true,
        }).toArray();
        return groups.flatMap(itemsOfOnlyArray);
      },
      rows: ({ length }) => length,
    });
    try {
      for (const row of decode(documents)) rows.push(row);
    } catch (error) {
      throw await withRowKey(
        link,
        { ...part, kind: "find", order: [], limit: undefined, offset: 0 },
        findEachFilter(part),
        error,
      );
    }
  }
  return rows;
}
