// Collections with dots in their names, beside collections whose names are a prefix.
import { makeMigrations, migrate, rollback } from "@alerce/db-plugins/migrate";
import assert from "node:assert/strict";
import { z } from "zod";
import type { AnyModel } from "@alerce/db-plugins";
import {
  documents,
  modelOf,
  mongoTest,
  oracle,
} from "../../../support/mongo_migrating.ts";

const key = { primaryKey: ["id"] };
const obs = (more: Readonly<Record<string, z.ZodType>> = {}): AnyModel =>
  modelOf("obs", { id: z.int32(), night: z.string().nullable(), ...more }, key);
const night = (
  title = "title",
  more: Readonly<Record<string, z.ZodType>> = {},
): AnyModel =>
  modelOf("obs.night", {
    id: z.int32(),
    [title]: z.string().nullable(),
    ...more,
  }, { ...key, indexes: [{ fields: [title] }] });

mongoTest(
  "a collection with a dot in its name is created, changed, renamed and rolled back beside one whose name is a prefix",
  async (place) => {
    const { up, down, place: { db } } = await oracle(
      place,
      [obs(), night()],
      [obs({ moon: z.float64().nullable() }), night("name")],
      {
        renames: { "obs.night.title": "obs.night.name" },
        fill: async (db) => {
          await db.collection("obs.night").insertOne({ id: 1, title: "clear" });
          await db.collection("obs").insertOne({ id: 1, night: "first" });
        },
      },
    );
    assert.match(up, /"update": "obs\.night"/);
    assert.match(down, /"update": "obs\.night"/);
    const { obs: first, "obs.night": second } = await documents(db);
    assert.deepEqual([first[0].night, second[0].name], ["first", "clear"]);
  },
);

mongoTest(
  "a field of obs and the collection obs.night are dropped separately",
  async ({ directory, open }) => {
    const first = await open([obs(), night()]);
    await makeMigrations(first, { directory });
    await migrate(first, { directory });
    await first.db.collection("obs.night").insertOne({ id: 1, title: "clear" });
    await first.db.collection("obs").insertOne({ id: 1, night: "first" });
    // The field is dropped, the collection stays.
    const { night: _night, ...others } = { id: z.int32(), night: 0 };
    const without = await open([
      modelOf("obs", { ...others, moon: z.int32().nullable() }, key),
      night(),
    ]);
    const { files, changes } = await makeMigrations(without, {
      directory,
      drops: ["obs.night"],
    });
    assert.deepEqual(changes, [
      "add the rule for obs.moon (int)",
      "drop the field obs.night with its values",
    ]);
    assert.doesNotMatch(files?.upText ?? "", /"(?:drop|update)": "obs\.night"/);
    await Deno.remove(files?.up ?? "");
    await Deno.remove(files?.down ?? "");
    // The collection is dropped, the field stays.
    const alone = await open([obs()]);
    await makeMigrations(alone, { directory, drops: ["obs.night"] });
    await migrate(alone, { directory });
    assert.deepEqual(Object.keys(await documents(alone.db)), ["obs"]);
    assert.equal((await alone.db.collection("obs").findOne())?.night, "first");
    await assert.rejects(
      rollback(alone, { directory }),
      /the data of obs\.night is lost/,
    );
  },
);
