import { type AnyModel, defineModel, type InsertOf } from "@alerce/db-plugins";
import { z } from "zod";

/** 20 columns: 2 bigint, 10 double, 5 integer, 2 text, 1 boolean. */
export const Narrow: AnyModel = defineModel("narrow", {
  fields: z.object({
    candid: z.int64(),
    parent: z.int64(),
    ...doubles(10),
    ...integers(5),
    oid: z.string(),
    version: z.string(),
    corrected: z.boolean(),
  }),
  primaryKey: ["candid"],
});

/** 30 columns: 2 bigint, 18 double, 5 integer, 3 text, 2 boolean. */
export const Wide: AnyModel = defineModel("wide", {
  fields: z.object({
    candid: z.int64(),
    parent: z.int64(),
    ...doubles(18),
    ...integers(5),
    oid: z.string(),
    version: z.string(),
    step: z.string(),
    corrected: z.boolean(),
    dubious: z.boolean(),
  }),
  primaryKey: ["candid"],
});

/** The models of both tables. */
export const BENCH_MODELS: readonly AnyModel[] = [Narrow, Wide];

/** The first identifier: beyond 2^53, as real ones are. */
export const FIRST = 516_171_791_415_015_025n;

/** Returns rows with values like measurements: full-precision doubles, small integers, short texts. */
export function rowsOf<M extends AnyModel>(
  model: M,
  count: number,
  salt = 0,
): InsertOf<M>[] {
  let state = 42 + salt;
  // A linear congruential generator (Numerical Recipes), so that every run has the same rows.
  const random = (): number =>
    (state = (1664525 * state + 1013904223) % 4294967296) / 4294967296;
  return Array.from(
    { length: count },
    (_, index) =>
      Object.fromEntries(model.fields.map(({ name, type }) => {
        switch (type.kind) {
          case "int64":
            return [
              name,
              FIRST + BigInt(index) + (name === "candid" ? 0n : 7n),
            ];
          case "int32":
            return [name, Math.floor(random() * 10_000)];
          case "float64":
            return [name, random() * 360];
          case "boolean":
            return [name, random() < 0.5];
          default:
            return [
              name,
              `ZTF18${(index + salt).toString(36).padStart(7, "a")}`,
            ];
        }
      })),
  );
}

function doubles(count: number): Record<string, z.ZodNumberFormat> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`d${index}`, z.float64()]),
  );
}

function integers(count: number): Record<string, z.ZodNumberFormat> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`i${index}`, z.int32()]),
  );
}
