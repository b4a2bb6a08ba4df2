import { z } from "../base/zod.ts";
import { point } from "../model/derived.ts";
import { int16 } from "../model/int16.ts";
import { defineModel } from "../model/model.ts";
import type { AnyModel, Insertable, Model } from "../model/types.ts";

/** A row of the suite's table `star`, with a field of every type. */
export interface StarRow {
  /** Identifier, which can exceed 2^53. */
  id: bigint;
  /** Unique name. */
  name: string;
  /** Magnitude (mag). */
  mag: number | null;
  /** Flux in single precision (Jy). */
  flux: number | null;
  /** Number of visits. */
  visits: number | null;
  /** Whether the star is variable. */
  variable: boolean | null;
  /** Time of the last observation. */
  seen: Date | null;
  /** Labels. */
  labels: string[] | null;
  /** Spectral class. */
  kind: "O" | "G" | "M" | null;
  /** UUID. */
  uid: string | null;
  /** Any JSON value. */
  notes: unknown;
  /** Status; `new` by default. */
  status: string;
}

/** Values for a write to `star`. */
export type StarInsert =
  & Omit<Insertable<StarRow>, "status" | "notes">
  & { status?: string | undefined; notes?: unknown };

/** The relations of a star. */
export interface StarRelations {
  /** The sightings of the star, ordered by night. */
  sightings: SightingRow[];
}

/** A row of the suite's table `sighting`. */
export interface SightingRow {
  /** Identifier of the star. */
  star: bigint;
  /** Number of the night. */
  night: number;
  /** Magnitude (mag). */
  mag: number | null;
  /** Quality, from 0 to 1. */
  quality: number;
}

/** The relations of a sighting. */
export interface SightingRelations {
  /** The star that was observed. */
  star_row: StarRow | null;
  /** All sightings of the same star. */
  of_star: SightingRow[];
  /** All sightings of the same night. */
  same_night: SightingRow[];
  /** The sighting itself, by its key of two fields. */
  same_key: SightingRow[];
}

/** A table with every field type, a primary key and a unique key. */
export const Star: Model<StarRow, StarInsert, "star", StarRelations, "id"> =
  defineModel("star", {
    fields: z.object({
      id: z.int64(),
      name: z.string(),
      mag: z.float64().nullable().meta({ unit: "mag" }),
      flux: z.float32().nullable().meta({ unit: "Jy" }),
      visits: z.int32().nullable(),
      variable: z.boolean().nullable(),
      seen: z.date().nullable(),
      labels: z.array(z.string()).nullable(),
      kind: z.enum(["O", "G", "M"]).nullable(),
      uid: z.uuid().nullable(),
      notes: z.unknown().nullable(),
      status: z.string().default("new"),
    }),
    primaryKey: ["id"],
    unique: [["name"]],
    relations: {
      sightings: {
        kind: "many",
        model: "sighting",
        on: { id: "star" },
        orderBy: { night: "asc" },
      },
    },
  });

/** A table with a primary key of two fields. */
export const Sighting: Model<
  SightingRow,
  Insertable<SightingRow>,
  "sighting",
  SightingRelations,
  "star" | "night"
> = defineModel("sighting", {
  fields: z.object({
    star: z.int64(),
    night: int16(),
    mag: z.float64().nullable().meta({ unit: "mag" }),
    quality: z.float64().min(0).max(1),
  }),
  primaryKey: ["star", "night"],
  relations: {
    star_row: { kind: "one", model: "star", on: { star: "id" } },
    of_star: {
      kind: "many",
      model: "sighting",
      on: { star: "star" },
      orderBy: { night: "desc" },
    },
    same_night: { kind: "many", model: "sighting", on: { night: "night" } },
    same_key: {
      kind: "many",
      model: "sighting",
      on: { night: "night", star: "star" },
    },
  },
});

/** A row of the suite's table `stamp`. */
export interface StampRow {
  /** Identifier. */
  id: number;
  /** Brightness; NaN is stored as null. */
  value: number | null;
  /** Counter that every update sets. */
  touched: number;
}

let touches = 0;

/** A table with an `onUpdate` field and a field that accepts NaN. */
export const Stamp: Model<
  StampRow,
  {
    id: number;
    value?: number | null | undefined;
    touched?: number | undefined;
  },
  "stamp",
  object,
  "id"
> = defineModel("stamp", {
  fields: z.object({
    id: z.int32(),
    value: z.float64().nullable().meta({ nan: "null" }),
    touched: z.int32().default(0).meta({ onUpdate: () => ++touches }),
  }),
  primaryKey: ["id"],
});

/** A row of the suite's table `tally`. */
export interface TallyRow {
  /** Identifier. */
  id: number;
  /** Sum. */
  total: bigint | null;
  /** Level; may be NaN. */
  level: number | null;
}

/** A table with a 64-bit sum and a float that keeps NaN. */
export const Tally: Model<
  TallyRow,
  Insertable<TallyRow>,
  "tally",
  object,
  "id"
> = defineModel("tally", {
  fields: z.object({
    id: z.int32(),
    total: z.int64().nullable(),
    level: z.float64().nullable().meta({ nan: "keep" }),
  }),
  primaryKey: ["id"],
});

/** A row of the suite's table `job`. */
export interface JobRow {
  /** Identifier. */
  id: number;
  /** State. */
  state: string | null;
  /** Number of attempts. */
  attempts: number | null;
  /** Version, which every update raises. */
  version: number;
}

/** A table whose rows have a version. */
export const Job: Model<
  JobRow,
  Omit<Insertable<JobRow>, "version"> & { version?: number | undefined },
  "job",
  object,
  "id"
> = defineModel("job", {
  fields: z.object({
    id: z.int32(),
    state: z.string().nullable(),
    attempts: int16().nullable(),
    version: z.int32().default(1).meta({ version: true }),
  }),
  primaryKey: ["id"],
});

/** A row of the suite's table `place`. */
export interface PlaceRow {
  /** Identifier. */
  id: number;
  /** Right ascension (deg). */
  ra: number | null;
  /** Declination (deg). */
  dec: number | null;
  /** Number of the group. */
  part: number;
}

/** The relations of a place. */
export interface PlaceRelations {
  /** All places of the same group. */
  others: PlaceRow[];
}

/** A table with a position on the sky. */
export const Place: Model<
  PlaceRow,
  Insertable<PlaceRow>,
  "place",
  PlaceRelations,
  "id"
> = defineModel("place", {
  fields: z.object({
    id: z.int32(),
    ra: z.float64().nullable().meta({ unit: "deg" }),
    dec: z.float64().nullable().meta({ unit: "deg" }),
    part: z.int32(),
  }),
  primaryKey: ["id"],
  spatial: { ra: "ra", dec: "dec" },
  mongo: { derived: { loc: point("ra", "dec") } },
  relations: {
    others: { kind: "many", model: "place", on: { part: "part" } },
  },
});

/** The suite's models. */
export const SUITE_MODELS: readonly AnyModel[] = [
  Star,
  Sighting,
  Stamp,
  Tally,
  Job,
  Place,
];
