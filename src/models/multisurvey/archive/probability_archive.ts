import { z } from "../../../base/zod.ts";
import { deferredModel } from "../../../model/deferred_model.ts";
import type { Model } from "../../../model/types.ts";
import { float32, int16, int32, int64 } from "../../../model/columns.ts";
import { createdDate, updatedDate } from "../../../model/day_columns.ts";
import type {
  ProbabilityArchiveInsert,
  ProbabilityArchiveRow,
} from "./rows/probability_archive.ts";

/** `probability_archive`: an archived probability of one class of an object. */
export const ProbabilityArchive: Model<
  ProbabilityArchiveRow,
  ProbabilityArchiveInsert,
  "probability_archive",
  object,
  "oid" | "sid" | "classifier_version_id" | "class_id"
> = deferredModel("probability_archive", () => ({
  fields: z.object({
    oid: int64("Object identifier; (oid, sid) names an object"),
    sid: int16(
      "Kind of object: 0 ZTF, 1 LSST DIA object, 2 LSST solar system object",
    ),
    classifier_version_id: int32(
      "Version of a classifier, as in the table classifier_version",
    ),
    class_id: int32("Class, as in the table taxonomy"),
    probability: float32("Probability of the class, 0 to 1"),
    ranking: int16("Rank of the class for this object and classifier, from 1")
      .nullable(),
    creation_date: createdDate(),
    update_date: updatedDate(),
  }),
  primaryKey: ["oid", "sid", "classifier_version_id", "class_id"],
  primaryKeyName: "pk_probability_archive",
  foreignKeys: [
    { fields: ["class_id"], references: { table: "taxonomy", fields: ["id"] } },
    {
      fields: ["classifier_version_id"],
      references: { table: "classifier_version", fields: ["id"] },
    },
  ],
  indexes: [
    { name: "ix_probability_archive_oid", fields: ["oid"], using: "hash" },
  ],
  partitionBy: { hash: "oid", partitions: 16 },
}));
