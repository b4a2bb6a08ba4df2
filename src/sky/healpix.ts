import { RADIANS } from "./distance.ts";

/** The greatest order of HEALPix: its cells have sides of 0.4 milliarcseconds. */
const MAX_ORDER = 29;

/** The row of the southern corner of each of the twelve base cells, and its column, as Górski et al. number them. */
const ROWS = [2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4];
const COLUMNS = [1, 3, 5, 7, 0, 2, 4, 6, 1, 3, 5, 7];

/**
 * Returns the HEALPix cell that contains a position, in the nested scheme
 * (Górski et al. 2005, ApJ 622, 759).
 *
 * @param ra right ascension in degrees, 0 to 360
 * @param dec declination in degrees, -90 to 90
 * @param order 0 to 29: the sky has 12 · 4^order cells
 * @throws {RangeError} if a coordinate or the order is out of range
 * @example
 * ```ts
 * import { healpixIndex } from "@alerce/db-plugins";
 * import assert from "node:assert/strict";
 *
 * assert.equal(healpixIndex(45, 41.8103148957786, 0), 0n);
 * assert.equal(healpixIndex(0, 90, 1), 3n);
 * ```
 */
export function healpixIndex(ra: number, dec: number, order: number): bigint {
  assertOrder(order);
  if (!(ra >= 0 && ra <= 360)) {
    throw new RangeError(`ra is ${ra}, outside 0 to 360 degrees`);
  }
  if (!(dec >= -90 && dec <= 90)) {
    throw new RangeError(`dec is ${dec}, outside -90 to 90 degrees`);
  }
  const nside = 2 ** order;
  // The cosine of the colatitude, as the reference implementation rounds it: this decides the cell of a position on an edge.
  const height = Math.cos(Math.PI / 2 - dec * RADIANS);
  const quarters = ra / 90 % 4;
  return Math.abs(height) <= 2 / 3
    ? equatorialCell(quarters, height, order, nside)
    : polarCell(quarters, dec, order, nside);
}

/**
 * Returns the center of a HEALPix cell of the nested scheme.
 *
 * @param index the cell, from 0 to 12 · 4^order - 1
 * @param order 0 to 29
 * @returns right ascension and declination in degrees
 * @throws {RangeError} if the cell or the order is out of range
 * @example
 * ```ts
 * import { healpixCenter, healpixIndex } from "@alerce/db-plugins";
 * import assert from "node:assert/strict";
 *
 * const cell = healpixIndex(150.1, 2.2, 29);
 * const { ra, dec } = healpixCenter(cell, 29);
 * assert.equal(healpixIndex(ra, dec, 29), cell);
 * ```
 */
export function healpixCenter(
  index: bigint | number,
  order: number,
): { ra: number; dec: number } {
  assertOrder(order);
  const cell = BigInt(index);
  const size = 1n << BigInt(2 * order);
  if (cell < 0n || cell >= 12n * size) {
    throw new RangeError(
      `the cell ${cell} is not one of the ${12n * size} of order ${order}`,
    );
  }
  const nside = 2 ** order;
  const face = Number(cell / size);
  const [x, y] = separated(cell % size, order);
  // The ring of the cell, from 1 at the north pole to 4 nside - 1.
  const ring = (ROWS[face] ?? 0) * nside - x - y - 1;
  const column = (COLUMNS[face] ?? 0) * nside + x - y;
  if (ring >= nside && ring <= 3 * nside) {
    const height = (2 * nside - ring) * 2 / (3 * nside);
    return {
      ra: turned(column / nside * 45),
      dec: Math.asin(height) / RADIANS,
    };
  }
  const fromPole = ring < nside ? ring : 4 * nside - ring;
  // The distance to the pole: 1 - height is fromPole² / (3 nside²).
  const colatitude = 2 *
    Math.asin(fromPole / nside / Math.sqrt(6)) / RADIANS;
  const inFace = (column - (COLUMNS[face] ?? 0) * nside) / fromPole;
  return {
    ra: turned(((COLUMNS[face] ?? 0) + inFace) * 45),
    dec: ring < nside ? 90 - colatitude : colatitude - 90,
  };
}

function equatorialCell(
  quarters: number,
  height: number,
  order: number,
  nside: number,
): bigint {
  const across = nside * (0.5 + quarters);
  const along = nside * height * 0.75;
  const ascending = Math.floor(across - along);
  const descending = Math.floor(across + along);
  const [up, down] = [
    Math.floor(ascending / nside),
    Math.floor(descending / nside),
  ];
  const face = up === down ? up % 4 + 4 : up < down ? up % 4 : down % 4 + 8;
  return joined(
    face,
    descending - down * nside,
    nside - (ascending - up * nside) - 1,
    order,
  );
}

function polarCell(
  quarters: number,
  dec: number,
  order: number,
  nside: number,
): bigint {
  const quarter = Math.min(3, Math.floor(quarters));
  const part = quarters - quarter;
  // √(3 (1 - |height|)), without the loss of digits near a pole.
  const width = nside * Math.sqrt(6) *
    Math.sin((90 - Math.abs(dec)) / 2 * RADIANS);
  const ascending = Math.min(nside - 1, Math.floor(part * width));
  const descending = Math.min(nside - 1, Math.floor((1 - part) * width));
  return dec > 0
    ? joined(
      quarter,
      nside - descending - 1,
      nside - ascending - 1,
      order,
    )
    : joined(quarter + 8, ascending, descending, order);
}

function assertOrder(order: number): void {
  if (Number.isInteger(order) && order >= 0 && order <= MAX_ORDER) return;
  throw new RangeError(
    `the order is ${order}, not a whole number from 0 to ${MAX_ORDER}`,
  );
}

function turned(degrees: number): number {
  return degrees < 0 ? degrees + 360 : degrees >= 360 ? degrees - 360 : degrees;
}

/** Returns the cell of a base cell and the coordinates in it: the bits of x and y by turns. */
function joined(face: number, x: number, y: number, order: number): bigint {
  return (BigInt(face) << BigInt(2 * order)) | spread(x) | (spread(y) << 1n);
}

/** Returns a number of up to 30 bits with a 0 before each bit. */
function spread(value: number): bigint {
  return (BigInt(spread16(value >>> 16)) << 32n) |
    BigInt(spread16(value & 0xffff));
}

function spread16(value: number): number {
  let bits = value;
  bits = (bits | bits << 8) & 0x00ff00ff;
  bits = (bits | bits << 4) & 0x0f0f0f0f;
  bits = (bits | bits << 2) & 0x33333333;
  bits = (bits | bits << 1) & 0x55555555;
  return bits >>> 0;
}

/** Returns the coordinates of a cell within its base cell. */
function separated(
  cell: bigint,
  order: number,
): readonly [x: number, y: number] {
  let [x, y] = [0, 0];
  for (let bit = 0; bit < order; bit++) {
    const pair = Number(cell >> BigInt(2 * bit) & 3n);
    x += (pair & 1) * 2 ** bit;
    y += (pair >> 1) * 2 ** bit;
  }
  return [x, y];
}
