import { z } from "zod";
import { defineModel } from "../model/model.ts";
import type { AnyModel, Insertable, Model } from "../model/types.ts";

/** A row of the suite's `star`: a field of every type. */
export interface StarRow {
  /** Identifier, beyond what a JavaScript number holds. */
  id: bigint;
  /** Unique name. */
  name: string;
  /** Magnitude (mag). */
  mag: number | null;
  /** Flux in single precision (Jy). */
  flux: number | null;
  /** Visits. */
  visits: number | null;
  /** Whether it varies. */
  variable: boolean | null;
  /** When it was last seen. */
  seen: Date | null;
  /** Labels. */
  labels: string[] | null;
  /** Spectral class. */
  kind: "O" | "G" | "M" | null;
  /** A UUID. */
  uid: string | null;
  /** Anything that JSON can say. */
  notes: unknown;
  /** `new` where a write does not say. */
  status: string;
}

/** What a write to `star` takes. */
export type StarInsert =
  & Omit<Insertable<StarRow>, "status" | "notes">
  & { status?: string | undefined; notes?: unknown };

/** What `include` adds to a star. */
export interface StarRelations {
  /** Its sightings, by night. */
  sightings: SightingRow[];
}

/** A row of the suite's `sighting`. */
export interface SightingRow {
  /** The star's identifier. */
  star: bigint;
  /** Night, counted from the first. */
  night: number;
  /** Magnitude (mag). */
  mag: number | null;
  /** How good it is, 0 to 1. */
  quality: number;
}

/** What `include` adds to a sighting. */
export interface SightingRelations {
  /** The star. */
  star_row: StarRow | null;
  /** Every sighting of the same star. */
  of_star: SightingRow[];
}

/** A table with every type, a primary key and a unique one. */
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

/** A table whose key has two fields. */
export const Sighting: Model<
  SightingRow,
  Insertable<SightingRow>,
  "sighting",
  SightingRelations,
  "star" | "night"
> = defineModel("sighting", {
  fields: z.object({
    star: z.int64(),
    night: z.int32(),
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
  },
});

/** A row of the suite's `stamp`. */
export interface StampRow {
  /** Identifier. */
  id: number;
  /** Brightness. */
  value: number | null;
  /** Set by every write. */
  touched: number;
}

let touches = 0;

/** A table whose `touched` every write sets, and whose `value` may not be a number. */
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

/** The suite's models. */
export const SUITE_MODELS: readonly AnyModel[] = [Star, Sighting, Stamp];
