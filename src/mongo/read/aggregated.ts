import type { Document } from "mongodb";
import type { AnyModel } from "../../model/types.ts";
import type { ReadContext } from "./read_context.ts";

/** Returns the raw documents of a pipeline on the collection of a model. */
export async function aggregated(
  link: ReadContext["link"],
  { table }: AnyModel,
  pipeline: Document[],
): Promise<readonly Uint8Array[]> {
  return await link.send({
    table,
    command: { name: "aggregate", parts: { pipeline } },
    work: (collection, options) =>
      collection.aggregate<Uint8Array>(pipeline, {
        ...options,
        raw: true,
        allowDiskUse: true,
      }).toArray(),
    rows: ({ length }) => length,
  });
}
