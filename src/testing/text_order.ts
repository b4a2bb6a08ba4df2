import assert from "node:assert/strict";
import type { Connection } from "../connection/connection.ts";
import type { Expression } from "../model/expression.ts";
import { greatest, least } from "../query/write/expressions.ts";
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
  behaviour("min and max of text compare by code point", async (db) => {
    await fillTexts(db);
    const query = db.query(Star);
    for (const part of [TEXTS, ["A", "B", "Z", "a"], ["ZTF-1", "ZTF1"]]) {
      assert.deepEqual(
        await query.aggregate({
          filterBy: { name: [...part] },
          min: ["name", "status"],
          max: ["status"],
        }),
        [{
          min: { name: part[0], status: part[0] },
          max: { status: part.at(-1) },
        }],
      );
    }
  }),
  behaviour("least and greatest compare text by code point", async (db) => {
    const query = db.query(Star);
    const put = async (status: string, rule: "least" | "greatest") => {
      await query.bulkUpsert([{ id: 1n, name: "star", status }], {
        merge: { status: rule },
      });
      return (await query.first())?.status;
    };
    assert.equal(await put("B", "greatest"), "B");
    assert.equal(await put("a", "greatest"), "a");
    assert.equal(await put("Z", "greatest"), "a");
    assert.equal(await put("b", "least"), "a");
    assert.equal(await put("Z", "least"), "Z");
    const set = async (change: Expression<string>) => {
      await query.updateAll({ filterBy: {}, set: { status: change } });
      return (await query.first())?.status;
    };
    assert.equal(await set(greatest("a")), "a");
    assert.equal(await set(greatest("B")), "a");
    assert.equal(await set(least("B")), "B");
    assert.equal(await set(least("a")), "B");
  }),
];
