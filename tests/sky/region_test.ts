// Distances, polygons and their bounds, without a database.
import { angularDistance } from "@alerce/db-plugins";
import assert from "node:assert/strict";
import fc from "fast-check";
import { boundsOf } from "../../src/sky/bounds.ts";
import { polygonOf } from "../../src/sky/polygon.ts";
import { isWithin } from "../../src/sky/region.ts";
import { positionOfVector, vectorOf } from "../../src/sky/vector.ts";

const ra = fc.double({ min: 0, max: 360, noNaN: true });
const dec = fc.double({ min: -90, max: 90, noNaN: true });
const position = fc.tuple(ra, dec);

Deno.test("known distances", () => {
  // Arcturus and Spica; Meeus, Astronomical Algorithms, example 17.a: 32.7930 degrees.
  const degrees = angularDistance(213.9154, 19.1825, 201.2983, -11.1614) / 3600;
  assert.equal(degrees.toFixed(4), "32.7930");
  assert.equal(angularDistance(12, 90, 300, 90), 0);
  assert.equal(angularDistance(0, -90, 0, 90), 648_000);
  assert.ok(
    Math.abs(angularDistance(0, 0, 180 - 1e-9, 0) - (648_000 - 3.6e-6)) < 1e-9,
  );
  assert.ok(Math.abs(angularDistance(0, 0, 1e-12, 0) - 3.6e-9) < 1e-15);
});

Deno.test("a distance is symmetric, and from 0 to 180 degrees", () => {
  fc.assert(fc.property(position, position, ([a, b], [c, d]) => {
    const distance = angularDistance(a, b, c, d);
    assert.ok(distance >= 0 && distance <= 648_000);
    assert.ok(Math.abs(distance - angularDistance(c, d, a, b)) < 1e-9);
    assert.equal(angularDistance(a, b, a, b), 0);
  }));
});

Deno.test("the bounds of a cone contain it", () => {
  const radius = fc.oneof(
    fc.double({ min: 0, max: 648_000, noNaN: true }),
    fc.double({ min: 0, max: 10, noNaN: true }),
  );
  const offset = fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), ra);
  fc.assert(
    fc.property(
      position,
      radius,
      offset,
      ([ra, dec], radius, [part, angle]) => {
        const [x, y] = moved(ra, dec, part * radius / 3600, angle);
        if (!isWithin({ kind: "cone", ra, dec, radius }, x, y)) return;
        const bounds = boundsOf({ kind: "cone", ra, dec, radius });
        assert.ok(
          bounds.some((range) =>
            x >= range.ra[0] && x <= range.ra[1] && y >= range.dec[0] &&
            y <= range.dec[1]
          ),
        );
      },
    ),
    { numRuns: 2_000 },
  );
});

Deno.test("a polygon of positions on a circle is convex, in both directions, and within its cone", () => {
  const radius = fc.double({ min: 0.001, max: 80, noNaN: true });
  const steps = fc.integer({ min: 3, max: 12 });
  fc.assert(fc.property(position, radius, steps, ([ra, dec], radius, count) => {
    const corners = Array.from(
      { length: count },
      (_, at) => moved(ra, dec, radius, at * 360 / count),
    );
    for (const ordered of [corners, corners.toReversed()]) {
      const polygon = polygonOf(ordered);
      assert.ok(typeof polygon !== "string", String(polygon));
      assert.ok(isWithin(polygon, ra, dec));
      for (const [x, y] of corners) {
        assert.ok(isWithin(polygon, x, y));
        assert.ok(isWithin(polygon.around, x, y));
      }
      const [x, y] = moved(ra, dec, radius * 1.01, 0);
      assert.ok(!isWithin(polygon, x, y));
    }
  }));
});

Deno.test("the cone of a polygon contains its sides, also those of more than a quarter circle", () => {
  // Many corners near one position, and two that are 95 degrees away from it: the side between these is up to 100 degrees away.
  const near = Array.from(
    { length: 20 },
    (_, at) => moved(0, 0, 0.5, 155 + at * 50 / 19),
  );
  const polygon = polygonOf([
    moved(0, 0, 95, 60),
    ...near,
    moved(0, 0, 95, 300),
  ]);
  assert.ok(typeof polygon !== "string", String(polygon));
  const [ra, dec] = moved(0, 0, 99, 0);
  assert.ok(isWithin(polygon, ra, dec));
  assert.ok(isWithin(polygon.around, ra, dec));
});

Deno.test("corners of no convex polygon are refused with the reason", () => {
  const problem = (corners: readonly (readonly [number, number])[]) =>
    polygonOf(corners);
  assert.match(String(problem([[0, 0], [1, 0]])), /has 2 corners/);
  assert.match(
    String(problem([[0, 0], [1, 0], [360, 0]])),
    /same corner at 0 and 2/,
  );
  assert.match(String(problem([[0, 0], [1, 0], [2, 0]])), /is not convex/);
  assert.match(
    String(problem([[0, 0], [180, 0], [90, 5]])),
    /opposite corners/,
  );
  const star = [0, 2, 4, 1, 3].map((at) => moved(10, 10, 5, at * 72));
  assert.match(String(problem(star)), /is not convex/);
});

/** Returns the position at a distance in degrees, in the direction of an angle. */
function moved(
  ra: number,
  dec: number,
  distance: number,
  angle: number,
): readonly [number, number] {
  const [x, y, z] = vectorOf(ra, dec);
  const rad = Math.PI / 180;
  const east = [-Math.sin(ra * rad), Math.cos(ra * rad), 0] as const;
  const north = [
    -z * east[1],
    z * east[0] - x * east[2],
    x * east[1] - y * east[0],
  ] as const;
  const along = Math.cos(distance * rad);
  const across = Math.sin(distance * rad);
  const [e, n] = [Math.sin(angle * rad), Math.cos(angle * rad)];
  const [movedRa, movedDec] = positionOfVector([
    along * x + across * (e * east[0] + n * north[0]),
    along * y + across * (e * east[1] + n * north[1]),
    along * z + across * (e * east[2] + n * north[2]),
  ]);
  return [Math.min(Math.max(movedRa, 0), 360), movedDec];
}
