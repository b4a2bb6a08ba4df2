// Written by `deno task row-types` from ../xmatch.ts.
import type { Insertable } from "../../model/types.ts";

/** A row of `xmatch`: the nearest source of a catalogue to an object. */
export interface XmatchRow {
  /** Object identifier. */
  oid: string;
  /** Catalogue. */
  catid: string;
  /** Identifier of the source in the catalogue. */
  oid_catalog: string;
  /** Angular distance (arcsec). */
  dist: number;
  /** Class by the catalogue. */
  class_catalog: string | null;
  /** Period by the catalogue (d). */
  period: number | null;
}

/** The input of a write to `xmatch`. */
export type XmatchInsert = Insertable<XmatchRow>;
