import { nearByFind } from "../../query/statement/near_by_find.ts";
import type { FindNearStatement } from "../../query/statement/statement.ts";
import { modelRows } from "../codec/model_rows.ts";
import { numberedRows } from "../codec/numbered_rows.ts";
import type { FindInZonesStatement } from "../compile/find_in_zones.ts";
import { MAX_INDEXED } from "../compile/position_index.ts";
import type { SqlLink } from "../link/link.ts";
import { compileRead, type ReadContext } from "./compile_read.ts";
import { find } from "./find.ts";

/** The greatest radius in arcseconds of targets whose strips of zones one statement reads. */
const MAX_IN_ZONES = 60;
/** The rows of a target that are read in any order. A target with more has its nearest rows read. */
const FEW = 20;

/** The rows of each target. */
type Found = readonly (readonly object[])[];

/** Reads the nearest rows of each target by the position index of the table, if it has one. */
export async function findNear(
  context: ReadContext,
  link: SqlLink,
  statement: FindNearStatement,
): Promise<Found> {
  const { model, targets } = statement;
  const { positions } = context.tables;
  await positions.prepare(link, [model]);
  const using = positions.of(model)?.using;
  const greatest = using === "zones" ? MAX_IN_ZONES : MAX_INDEXED;
  if (
    using === undefined || targets.some(({ radius }) => radius > greatest)
  ) {
    return await nearByFind((part) => find(context, link, part), statement);
  }
  return using === "zones"
    ? await findInZones(context, link, statement)
    : await readEach(context, link, statement);
}

/** Reads few rows of each target, and sorts on the server only those of the targets with more. */
async function findInZones(
  context: ReadContext,
  link: SqlLink,
  statement: FindNearStatement,
): Promise<Found> {
  const { targets, limit } = statement;
  const few = Math.max(FEW, limit);
  const read = (part: Partial<FindInZonesStatement>): Promise<object[][]> =>
    readEach(context, link, {
      ...statement,
      kind: "findInZones",
      nearestFirst: false,
      ...part,
    });
  const found = await read({ limit: few + 1 });
  const dense = found.flatMap((rows, index) =>
    rows.length > few ? [index] : []
  );
  if (dense.length === 0) return found;
  const nearest = await read({
    nearestFirst: true,
    targets: dense.flatMap((index) => targets[index] ?? []),
  });
  for (const [place, index] of dense.entries()) {
    found[index] = nearest[place] ?? [];
  }
  return found;
}

async function readEach(
  context: ReadContext,
  link: SqlLink,
  statement: FindNearStatement | FindInZonesStatement,
): Promise<object[][]> {
  const { model, fields, targets } = statement;
  const found: object[][] = targets.map(() => []);
  let number = 0;
  const command = compileRead(context, link, statement);
  await link.query(
    command instanceof Promise ? await command : command,
    numberedRows(
      modelRows(model, fields, (row) => found[number - 1]?.push(row)),
      (next) => number = next,
    ),
  );
  return found;
}
