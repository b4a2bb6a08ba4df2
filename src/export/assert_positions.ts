import { QueryError } from "../base/errors/mod.ts";
import type { AnyModel } from "../model/types.ts";
import type { Partition } from "./partition/partition.ts";
import type { ExportOptions, ExportSource } from "./types.ts";

/**
 * Checks that all rows have a position before the first is written: those without
 * one would be read last.
 *
 * @throws {QueryError} if one has none
 */
export async function assertPositions(
  db: ExportSource,
  model: AnyModel,
  { ra, dec }: Extract<Partition, { kind: "cells" }>,
  { filterBy, signal, timeout, on }: ExportOptions<AnyModel>,
): Promise<void> {
  const nullable = [ra, dec].filter((name) => model.byName.get(name)?.nullable);
  if (nullable.length === 0) return;
  const missing: object = { or: nullable.map((name) => ({ [name]: null })) };
  const all: object = filterBy === undefined
    ? missing
    : { and: [filterBy, missing] };
  const count = await db.query(model).count({
    filterBy: all,
    ...signal === undefined ? {} : { signal },
    ...timeout === undefined ? {} : { timeout },
    ...on === undefined ? {} : { on },
  });
  if (count === 0) return;
  throw new QueryError(
    `Cannot export ${model.name} by healpix: ${
      count === 1 ? "1 row has" : `${count} rows have`
    } no position (${ra}, ${dec}); leave such rows out with filterBy: ${
      JSON.stringify({ [nullable[0] ?? ra]: { ne: null } })
    }`,
    { model: model.name, field: nullable[0] ?? ra },
  );
}
