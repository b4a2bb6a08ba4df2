import { z } from "../../base/zod.ts";
import { deferredModel } from "../../model/deferred_model.ts";
import type { Model } from "../../model/types.ts";
import { int16, varchar } from "../../model/columns.ts";
import { createdDate } from "../../model/day_columns.ts";
import type {
  CatalogIdLutInsert,
  CatalogIdLutRow,
} from "./rows/catalog_id_lut.ts";

/** `catalog_id_lut`: the name of one catalogue that objects are cross-matched with. */
export const CatalogIdLut: Model<
  CatalogIdLutRow,
  CatalogIdLutInsert,
  "catalog_id_lut",
  object,
  "catid"
> = deferredModel("catalog_id_lut", () => ({
  fields: z.object({
    catid: int16("Catalogue"),
    catalog_name: varchar("Name of the catalogue").nullable(),
    created_date: createdDate(),
  }),
  primaryKey: ["catid"],
  primaryKeyName: "pk_catalog_id_lut_catalog_name",
  seed: [
    { catid: 0, catalog_name: "AllWISE" },
  ],
}));
