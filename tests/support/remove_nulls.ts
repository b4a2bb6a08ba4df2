import type { AnyModel, MongoConnection } from "@alerce/db-plugins";

/** Removes the null fields of documents, as other programs leave them out. */
export async function removeNulls(
  db: MongoConnection<readonly AnyModel[]>,
  model: AnyModel,
  filter: object,
): Promise<void> {
  const items = { $objectToArray: "$$ROOT" };
  const cond = { $ne: ["$$this.v", null] };
  await db.collection(model).updateMany(filter, [
    {
      $replaceWith: { $arrayToObject: { $filter: { input: items, cond } } },
    },
  ]);
}
