// Written by `deno task row-types` from ../catalog_id_lut.ts.
import type { Insertable } from "../../../model/types.ts";

/** A row of `catalog_id_lut`: the name of one catalogue that objects are cross-matched with. */
export interface CatalogIdLutRow {
  /** Catalogue. */
  catid: number;
  /** Name of the catalogue. */
  catalog_name: string | null;
  /** Day of the insert, UTC. */
  created_date: Date | null;
}

/** The input of a write to `catalog_id_lut`. */
export type CatalogIdLutInsert = Insertable<CatalogIdLutRow>;
