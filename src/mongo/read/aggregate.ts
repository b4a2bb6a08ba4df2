import { groupModel, groupValues } from "../../query/statement/group_model.ts";
import type {
  AggregateStatement,
  Groups,
} from "../../query/statement/statement.ts";
import { bsonRowDecoder } from "../codec/bson_row_decoder.ts";
import { aggregatePipeline } from "../compile/aggregate.ts";
import { aggregated } from "./aggregated.ts";
import type { ReadContext } from "./read_context.ts";

/** Computes values over groups of documents. */
export async function aggregate(
  { link, collections }: ReadContext,
  statement: AggregateStatement,
): Promise<Groups> {
  const { model, groupBy, measures, limit } = statement;
  // To MongoDB, a limit of 0 is an error.
  if (limit === 0) return [];
  const groups = groupModel(statement);
  const pipeline = aggregatePipeline(statement);
  const documents = await aggregated(link, model, pipeline);
  if (documents.length === 0 && groupBy.length === 0) {
    await collections.assertExists(model, "read");
    return [
      measures.map(({ kind }) =>
        kind === "count" || kind === "countDistinct" ? 0 : null
      ),
    ];
  }
  const decode = bsonRowDecoder(groups, groups.fields);
  const rows: (readonly unknown[])[] = [];
  for (const row of decode(documents)) rows.push(groupValues(statement, row));
  return rows;
}
