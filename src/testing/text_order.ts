import assert from "node:assert/strict";
import type { Connection } from "../connection/connection.ts";
import { type Behaviour, behaviour } from "./engine.ts";
import { Star } from "./models.ts";
import { names } from "./stars.ts";

/** Texts by code point, which languages, UTF-16 and locales order differently. */
const TEXTS: readonly string[] = [
  ...["", " ", "!", "-a", "10", "9", "A", "B", "Z", "ZTF", "ZTF 1", "ZTF-1"],
  ...["ZTF1", "ZTF_1", "_x", "a", "a b", "ab", "e\u0301", "z", "é", "Ω", "ａ"],
  ...["\u{1F52D}"],
];

async function fillTexts(db: Connection): Promise<void> {
  await db.query(Star).bulkInsert(
    TEXTS.toReversed().map((name, index) => ({
      id: BigInt(index),
      name,
      status: name,
      labels: [name],
    })),
  );
}

/** The order of text, which is that of code points on every engine. */
export const textOrder: readonly Behaviour[] = [
  behaviour("text is ordered by code point", async (db) => {
    await fillTexts(db);
    const query = db.query(Star);
    for (const field of ["name", "status", "labels"]) {
      const read = async (direction: "asc" | "desc") =>
        names(await query.findAll({ orderBy: { [field]: direction } }));
      assert.deepEqual(await read("asc"), TEXTS, field);
      assert.deepEqual(await read("desc"), TEXTS.toReversed(), field);
    }
    assert.equal((await query.first({ orderBy: { name: "asc" } }))?.name, "");
    const streamed: string[] = [];
    const stream = query.stream({ orderBy: { name: "asc" }, batchSize: 3 });
    for await (const { name } of stream) streamed.push(name);
    assert.deepEqual(streamed, TEXTS);
  }),
  behaviour("ranges of text compare by code point", async (db) => {
    await fillTexts(db);
    const query = db.query(Star);
    for (const [at, text] of TEXTS.entries()) {
      for (
        const [operator, expected] of [
          ["lt", TEXTS.slice(0, at)],
          ["lte", TEXTS.slice(0, at + 1)],
          ["gt", TEXTS.slice(at + 1)],
          ["gte", TEXTS.slice(at)],
        ] as const
      ) {
        const filterBy = { name: { [operator]: text } };
        const found = names(await query.findAll({ filterBy }));
        assert.deepEqual(
          new Set(found),
          new Set(expected),
          `${operator} ${text}`,
        );
        assert.equal(await query.count({ filterBy }), expected.length);
      }
    }
    const between = await query.findAll({
      filterBy: { name: { between: ["A", "a"] } },
      orderBy: { name: "asc" },
    });
    assert.deepEqual(
      names(between),
      TEXTS.slice(TEXTS.indexOf("A"), TEXTS.indexOf("a") + 1),
    );
  }),
  behaviour("pages by text return every row once", async (db) => {
    await fillTexts(db);
    for (const direction of ["asc", "desc"] as const) {
      const read: string[] = [];
      const options = { orderBy: { status: direction }, perPage: 5 } as const;
      let page = await db.query(Star).find({ ...options, count: false });
      while (read.length <= TEXTS.length) {
        read.push(...names(page.items));
        const after = page.items.at(-1);
        if (!page.hasNext || after === undefined) break;
        page = await db.query(Star).find({ ...options, count: false, after });
      }
      assert.deepEqual(
        read,
        direction === "asc" ? TEXTS : TEXTS.toReversed(),
      );
    }
  }),
  behaviour("prefer compares text by code point", async (db) => {
    const query = db.query(Star);
    const prefer = ["status"] as const;
    const put = async (...texts: readonly string[]) => {
      await query.bulkUpsert(
        texts.map((status) => ({ id: 1n, name: "star", status })),
        { prefer },
      );
      return (await query.first())?.status;
    };
    assert.equal(await put("B", "a", "_"), "a");
    assert.equal(await put("B"), "a");
    assert.equal(await put("é"), "é");
    assert.equal(await put("z"), "é");
  }),
];
