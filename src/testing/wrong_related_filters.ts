import assert from "node:assert/strict";
import { QueryError } from "../base/errors/mod.ts";
import { type Behaviour, behaviour } from "./engine.ts";
import { Sighting, Star } from "./models.ts";
import { STARS } from "./stars.ts";
import { fillSightings } from "./sightings.ts";

/** Wrong filters of stars and sightings, the text of their errors, and the suggested name. */
const INVALID: readonly (readonly [
  string,
  typeof Star | typeof Sighting,
  unknown,
  RegExp,
  string?,
])[] = [
  [
    "an unknown relation",
    Star,
    { sightngs: { some: {} } },
    /Cannot filter star: it has no field "sightngs"/,
    "sightings",
  ],
  [
    "an unknown field of the related rows",
    Star,
    { sightings: { some: { nihgt: 1 } } },
    /Cannot filter sighting: it has no field "nihgt"/,
    "night",
  ],
  [
    "an unknown relation of the related rows",
    Star,
    { or: [{ sightings: { every: { star_rwo: { is: {} } } } }] },
    /Cannot filter sighting: it has no field "star_rwo"/,
    "star_row",
  ],
  [
    "an unknown quantifier",
    Star,
    { sightings: { som: {} } },
    /sightings is a relation to many rows, which takes some, none, every, not "som"/,
    "some",
  ],
  [
    "some on a relation to one row",
    Sighting,
    { star_row: { some: {} } },
    /star_row is a relation to one row, which takes is, isNot, not "some"/,
  ],
  [
    "is on a relation to many rows",
    Star,
    { sightings: { is: {} } },
    /sightings is a relation to many rows/,
  ],
  [
    "null in place of a relation filter",
    Sighting,
    { star_row: null },
    /star_row is a relation; write \{ is: null \}/,
  ],
  [
    "true in place of a relation filter",
    Star,
    { sightings: true },
    /sightings is a relation; write \{ some: \{ … \} \}/,
  ],
  [
    "a list in place of a relation filter",
    Star,
    { sightings: [{ night: 1 }] },
    /sightings is a relation; write/,
  ],
  [
    "no quantifier",
    Star,
    { sightings: {} },
    /sightings has no condition; write \{ some: \{ … \} \}/,
  ],
  [
    "an undefined filter of related rows",
    Star,
    { sightings: { some: undefined } },
    /sightings some is undefined; leave it out, or write \{\} for all rows/,
  ],
  [
    "null as a filter of many rows",
    Star,
    { sightings: { none: null } },
    /Cannot filter sighting: a filter must be an object/,
  ],
  [
    "a wrong value in a filter of related rows",
    Star,
    { sightings: { some: { night: "1" } } },
    /Cannot filter sighting: night must be a whole number/,
  ],
];

/** Filters by related rows that are refused. */
export const wrongRelatedFilters: readonly Behaviour[] = [
  ...INVALID.map(([name, model, filterBy, message, nearest]) =>
    behaviour(
      `a filter by related rows with ${name} throws a QueryError that names the problem`,
      async (db) => {
        await fillSightings(db);
        const query = model === Star ? db.query(Star) : db.query(Sighting);
        const given = filterBy as object;
        const deleteAll = () =>
          model === Star
            ? db.query(Star).deleteAll({ filterBy: given })
            : db.query(Sighting).deleteAll({ filterBy: given });
        for (
          const attempt of [
            () => query.count({ filterBy: given }),
            deleteAll,
          ]
        ) {
          await assert.rejects(attempt, (error) => {
            assert.ok(error instanceof QueryError, String(error));
            assert.match(error.message, message);
            if (nearest !== undefined) assert.equal(error.nearest, nearest);
            return true;
          });
        }
        assert.equal(await db.query(Star).count(), STARS.length);
      },
    )
  ),
];
