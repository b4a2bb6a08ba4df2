// Written by `deno task row-types` from ../xmatch.ts.
import type { Insertable } from "../../../model/types.ts";

/** A row of `xmatch`: the nearest source of a catalogue to an object. */
export interface XmatchRow {
  /** Object identifier; (oid, sid) names an object. */
  oid: bigint;
  /** Kind of object: 0 ZTF, 1 LSST DIA object, 2 LSST solar system object. */
  sid: number;
  /** Catalogue, as in the table catalog_id_lut. */
  catid: number;
  /** Angular distance (arcsec). */
  dist: number;
  /** Identifier of the source in the catalogue. */
  oid_catalog: string;
  /** Day of the insert, UTC. */
  created_date: Date | null;
  /** Day of the last update, UTC. */
  updated_date: Date | null;
}

/** The input of a write to `xmatch`. */
export type XmatchInsert = Insertable<XmatchRow>;
