import { unknownNames } from "../../base/known_names.ts";
import { nearest } from "../../base/nearest.ts";
import { valueText } from "../../model/option_shape.ts";
import type { AnyModel } from "../../model/types.ts";
import type { RefuseOption } from "../../query/checks/options.ts";

/** How the rows of an export are divided among the files of a folder. */
export type Partition =
  | {
    readonly kind: "night";
    /** The field with a modified Julian date. */
    readonly field: string;
  }
  | {
    readonly kind: "cells";
    /** The order of the HEALPix cells. */
    readonly order: number;
    /** The fields of the position. */
    readonly ra: string;
    readonly dec: string;
  };

/** The greatest order of cells: 12,582,912 files. */
const MAX_ORDER = 10;
/** The column that the catalogs of cells have in addition: the cell of order 29. */
export const CELL_COLUMN = "_healpix_29";

const NAMES = new Set(["night", "healpix"]);
const FORM =
  'partitionBy must be { night: field } or { healpix: order }, like { night: "mjd" }';

/** Checks the option `partitionBy`. */
export function partitionOf(
  model: AnyModel,
  partitionBy: unknown,
  refuse: RefuseOption,
): Partition {
  if (typeof partitionBy !== "object" || partitionBy === null) {
    return refuse(FORM, "partitionBy");
  }
  const [unknown] = unknownNames(partitionBy, NAMES);
  if (unknown !== undefined) {
    refuse(`${FORM}, without ${unknown.name}`, "partitionBy", unknown.nearest);
  }
  if ("night" in partitionBy && !("healpix" in partitionBy)) {
    return nights(model, partitionBy.night, refuse);
  }
  if ("healpix" in partitionBy && !("night" in partitionBy)) {
    return cells(model, partitionBy.healpix, refuse);
  }
  return refuse(FORM, "partitionBy");
}

/** Returns the field by which the database orders the rows. */
export function orderField(partition: Partition): string {
  return partition.kind === "night" ? partition.field : partition.dec;
}

/** Returns the fields that the rows must have. */
export function neededFields(partition: Partition): readonly string[] {
  return partition.kind === "night"
    ? [partition.field]
    : [partition.ra, partition.dec];
}

function nights(
  model: AnyModel,
  field: unknown,
  refuse: RefuseOption,
): Partition {
  const name = String(field);
  const found = model.byName.get(name);
  if (found === undefined) {
    return refuse(
      `partitionBy names the field ${name}, which it does not have`,
      name,
      nearest(name, model.byName.keys()),
    );
  }
  return ["float32", "float64"].includes(found.type.kind)
    ? { kind: "night", field: name }
    : refuse(
      `partitionBy requires a field with a modified Julian date, and ${name} is not a float`,
      name,
    );
}

function cells(
  { spatial, byName }: AnyModel,
  order: unknown,
  refuse: RefuseOption,
): Partition {
  if (spatial === undefined) {
    return refuse(
      'partitionBy healpix requires a model with a position; define it with spatial: { ra: "…", dec: "…" }',
      "partitionBy",
    );
  }
  if (byName.has(CELL_COLUMN)) {
    return refuse(
      `partitionBy healpix adds the column ${CELL_COLUMN}, and it has a field of that name`,
      CELL_COLUMN,
    );
  }
  const isOrder = typeof order === "number" && Number.isInteger(order) &&
    order >= 0 && order <= MAX_ORDER;
  return isOrder
    ? { kind: "cells", order, ra: spatial.ra, dec: spatial.dec }
    : refuse(
      `the order of healpix must be a whole number from 0 to ${MAX_ORDER}, got ${
        valueText(order)
      }`,
      "partitionBy",
    );
}
