import assert from "node:assert/strict";
import { QueryError } from "../base/errors/mod.ts";
import { type Behaviour, behaviour } from "./engine.ts";
import { Star } from "./models.ts";
import { fillStars, names } from "./stars.ts";

/** Wrong options of a lock, the text of their errors, and the suggested value. */
const WRONG: readonly (readonly [object, RegExp, string?])[] = [
  [{ lock: "updat" }, /lock must be "update" or "share"/, "update"],
  [{ lock: true }, /lock must be "update" or "share"/],
  [{ skipLocked: true }, /skipLocked requires lock/],
  [{ lock: "update", skipLocked: 1 }, /skipLocked must be true or false/],
];

/** Locks of the rows that are read. */
export const locks: readonly Behaviour[] = [
  behaviour(
    "a lock outside a transaction throws a QueryError",
    async (db) => {
      await fillStars(db);
      for (const lock of ["update", "share"] as const) {
        await assert.rejects(
          db.query(Star).findAll({ lock }),
          (error) =>
            error instanceof QueryError && error.field === "lock" &&
            /transaction|updateAll/.test(error.message),
        );
      }
      assert.equal(await db.query(Star).count(), 5);
    },
  ),
  behaviour(
    "a lock in a transaction returns the rows, or throws a QueryError that names updateAll",
    async (db) => {
      await fillStars(db);
      const read = db.transaction((tx) =>
        tx.query(Star).findAll({
          filterBy: { visits: 3 },
          orderBy: { id: "asc" },
          select: ["name"],
          include: ["sightings"],
          limit: 2,
          lock: "update",
          skipLocked: true,
        })
      );
      try {
        assert.deepEqual(names(await read), ["Algol", "Mira"]);
      } catch (error) {
        assert.ok(error instanceof QueryError, String(error));
        assert.match(error.message, /updateAll/);
      }
    },
  ),
  behaviour("wrong options of a lock throw a QueryError", async (db) => {
    await fillStars(db);
    for (const [options, message, nearest] of WRONG) {
      await assert.rejects(
        db.transaction((tx) => tx.query(Star).findAll(options)),
        (error) => {
          assert.ok(error instanceof QueryError, String(error));
          assert.match(error.message, message);
          if (nearest !== undefined) assert.equal(error.nearest, nearest);
          return true;
        },
      );
    }
    await assert.rejects(
      db.query(Star).first({ lock: "update" } as object),
      /first on star: it has no option lock/,
    );
  }),
];
