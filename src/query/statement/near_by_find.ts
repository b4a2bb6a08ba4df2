import { distanceOf } from "./position.ts";
import { all, type Condition } from "./condition.ts";
import type {
  FindNearStatement,
  FindStatement,
  TargetCone,
} from "./statement.ts";

/** The most targets whose rows one statement reads. */
const TARGETS = 100;
/** The greatest radius in arcseconds of targets whose rows one statement reads. */
const SMALL_RADIUS = 60;
/** Arcseconds by which a row may exceed the radius: greater than all rounding errors of declinations. */
const MARGIN = 1e-6;

/**
 * Reads the nearest rows of each target with statements that read the rows of
 * many targets, for engines and tables without a faster way.
 *
 * @param findAny reads all rows near some targets, each once and in the order of the statement
 */
export async function nearByFind(
  find: (statement: FindStatement) => Promise<object[]>,
  statement: FindNearStatement,
  findAny?: (targets: readonly TargetCone[]) => Promise<object[]>,
): Promise<readonly (readonly object[])[]> {
  const found: (readonly object[])[] = statement.targets.map(() => []);
  for (const group of groupsOf(statement.targets)) {
    const [first] = group;
    if (first === undefined) continue;
    const [index, { ra, dec, radius }] = first;
    if (findAny !== undefined && group.length > 1) {
      const rows = await findAny(group.map(([, target]) => target));
      shareOut(statement, group, rows, found);
      continue;
    }
    const { position, order, model, fields } = statement;
    const rows = await find({
      kind: "find",
      model,
      where: within(statement, group.map(([, target]) => target)),
      order,
      fields,
      offset: 0,
      limit: undefined,
      ...group.length === 1
        ? { nearest: { position, ra, dec, radius }, limit: statement.limit }
        : {},
    });
    if (group.length === 1) found[index] = rows;
    else shareOut(statement, group, rows, found);
  }
  return found;
}

type Indexed = readonly [index: number, target: TargetCone];

/** Returns the targets in groups: small cones together, a large one alone. */
function groupsOf(
  targets: readonly TargetCone[],
): readonly (readonly Indexed[])[] {
  const groups: Indexed[][] = [];
  let group: Indexed[] = [];
  for (const indexed of targets.entries()) {
    if (indexed[1].radius > SMALL_RADIUS) {
      groups.push([indexed]);
      continue;
    }
    if (group.length === 0) groups.push(group);
    group.push(indexed);
    if (group.length === TARGETS) group = [];
  }
  return groups;
}

function within(
  { position, where }: FindNearStatement,
  targets: readonly TargetCone[],
): Condition {
  const cones = targets.map(({ ra, dec, radius }): Condition => ({
    kind: "sky",
    position,
    region: { kind: "cone", ra, dec, radius },
  }));
  const [only] = cones;
  return all([
    cones.length === 1 && only !== undefined
      ? only
      : { kind: "or", terms: cones },
    where,
  ]);
}

/** Gives each target the rows near it. A row of several targets is copied. */
function shareOut(
  { position, limit }: FindNearStatement,
  group: readonly Indexed[],
  rows: readonly object[],
  found: (readonly object[])[],
): void {
  const declinations = rows.map((row): [dec: number, place: number] => [
    Number(Reflect.get(row, position.dec.name)),
    0,
  ]);
  for (const [place, one] of declinations.entries()) one[1] = place;
  declinations.sort((left, right) => left[0] - right[0]);
  const used = new Set<object>();
  for (const [index, { ra, dec, radius }] of group) {
    const reach = (radius + MARGIN) / 3600;
    const near: { row: object; place: number; distance: number }[] = [];
    for (
      let at = firstFrom(declinations, dec - reach);
      (declinations[at]?.[0] ?? Infinity) <= dec + reach;
      at++
    ) {
      const place = declinations[at]?.[1] ?? 0;
      const row = rows[place];
      if (row === undefined) continue;
      const distance = distanceOf({ position, ra, dec }, row);
      if (distance <= radius + MARGIN) near.push({ row, place, distance });
    }
    near.sort((left, right) =>
      left.distance - right.distance || left.place - right.place
    );
    found[index] = near.slice(0, limit).map(({ row }) => {
      const own = used.has(row) ? copyOf(row) : row;
      used.add(row);
      return own;
    });
  }
}

/** Returns the first place whose declination is not less. */
function firstFrom(
  declinations: readonly (readonly [dec: number, place: number])[],
  least: number,
): number {
  let [from, to] = [0, declinations.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((declinations[middle]?.[0] ?? Infinity) < least) from = middle + 1;
    else to = middle;
  }
  return from;
}

function copyOf(row: object): object {
  return Object.assign(Object.create(Object.getPrototypeOf(row)), row);
}
