// HEALPix cells against those of healpy 1.20.1, and their laws.
import { healpixCenter, healpixIndex } from "@alerce/db-plugins";
import assert from "node:assert/strict";
import fc from "fast-check";

/** Order, right ascension, declination, and `healpy.ang2pix(2**order, ra, dec, nest=True, lonlat=True)`. */
const CELLS: readonly (readonly [number, number, number, bigint])[] = [
  [0, 45, 0, 5n],
  [1, 0, 0, 19n],
  [3, 0, 90, 63n],
  [3, 0, -90, 512n],
  [5, 266.4168, -29.0078, 7207n],
  [8, 83.6331, 22.0145, 386969n],
  [10, 150.1, 2.2, 6978115n],
  [12, 359.9999, 41.81, 83886079n],
  [14, 0.0001, -41.82, 2326440608n],
  [18, 201.365, -43.0192, 725830155038n],
  [20, 10.6847, 41.269, 727210541136n],
  [24, 187.7059, 12.3911, 1908061258039116n],
  [27, 299.8682, 40.7339, 64845939640430577n],
  [29, 6.0224, -72.0815, 2344819646898979284n],
  [29, 37.9546, 89.2641, 288201323339295531n],
  [29, 150.1, 2.2, 1918129809776324852n],
  [29, 0, 0, 1369094286720630784n],
];

Deno.test("cells are those of healpy", () => {
  for (const [order, ra, dec, cell] of CELLS) {
    assert.equal(healpixIndex(ra, dec, order), cell, `${order} ${ra} ${dec}`);
  }
});

const order = fc.integer({ min: 0, max: 29 });

Deno.test("the center of a cell is in the cell", () => {
  const cells = order.chain((order) =>
    fc.tuple(
      fc.constant(order),
      fc.bigInt({ min: 0n, max: 12n * 4n ** BigInt(order) - 1n }),
    )
  );
  fc.assert(
    fc.property(cells, ([order, cell]) => {
      const { ra, dec } = healpixCenter(cell, order);
      assert.equal(healpixIndex(ra, dec, order), cell);
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("a cell contains the four cells of the next order", () => {
  const ra = fc.double({ min: 0, max: 360, noNaN: true });
  const dec = fc.double({ min: -90, max: 90, noNaN: true });
  fc.assert(fc.property(ra, dec, order, (ra, dec, order) => {
    const cell = healpixIndex(ra, dec, order);
    assert.ok(cell >= 0n && cell < 12n * 4n ** BigInt(order));
    if (order < 29) assert.equal(healpixIndex(ra, dec, order + 1) / 4n, cell);
  }));
});

Deno.test("wrong arguments are a RangeError", () => {
  assert.throws(() => healpixIndex(361, 0, 1), /ra is 361/);
  assert.throws(() => healpixIndex(0, NaN, 1), /dec is NaN/);
  assert.throws(() => healpixIndex(0, 0, 30), /order is 30/);
  assert.throws(() => healpixCenter(12, 0), RangeError);
  assert.throws(() => healpixCenter(-1n, 0), RangeError);
});
