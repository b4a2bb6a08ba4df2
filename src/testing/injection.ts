import assert from "node:assert/strict";
import { QueryError, TransactionError } from "../base/errors/mod.ts";
import { type Behaviour, behaviour } from "./engine.ts";
import { Star } from "./models.ts";
import { fillStars, STARS } from "./stars.ts";

/** Text that would do harm if it were executed as SQL. */
const TEXTS = [
  "'; drop table star; --",
  '"; drop table star; --',
  "\\'; drop table star; --",
  '") or 1 = 1; --',
  'id" desc; drop table star; --',
  "$1",
  "%s %(name)s {0} ${name}",
  "' or '1' = '1",
  "E'\\x27' || pg_sleep(9)",
  "/* */ -- ",
];

/** Text with SQL in values and in names. */
export const injection: readonly Behaviour[] = [
  behaviour(
    "text that looks like SQL is stored and matched as text",
    async (db) => {
      const query = db.query(Star);
      for (const [index, text] of TEXTS.entries()) {
        const id = BigInt(index);
        const [created] = await query.getOrCreate({
          filterBy: { name: text },
          id,
          status: text,
        });
        assert.deepEqual([created.name, created.status], [text, text]);
        const inserted = await query.insert({
          id: id + 1_000n,
          name: `${text} `,
          status: text,
        });
        assert.deepEqual([inserted.name, inserted.status], [`${text} `, text]);
        await query.deleteAll({ filterBy: { id: id + 1_000n } });
        await query.bulkUpsert([{ id, name: text, labels: [text] }]);
        await query.bulkUpdate([{ id, notes: { [text]: text } }]);
        await query.updateAll({
          filterBy: { name: text },
          set: { status: `${text}${text}` },
        });
        db.query(Star).update(created, { status: `<${text}>` });
        await db.session.commit();
        const escaped = text.replaceAll(/[\\%_]/g, "\\$&");
        for (
          const filterBy of [
            { name: text },
            { name: { in: [text, "other"] } },
            { name: { like: escaped } },
            { name: { gte: text, lte: text } },
            { labels: { contains: text } },
            { labels: { eq: [text] } },
            { labels: { in: [[text], ["x"]] } },
            { notes: { eq: { [text]: text } } },
            { or: [{ status: `<${text}>` }, { not: { name: { ne: text } } }] },
          ]
        ) {
          const found = await query.findAll({ filterBy });
          assert.deepEqual(found.map((row) => row.id), [id], text);
        }
        const page = await query.find({
          orderBy: { name: "asc" },
          after: { name: text, id },
        });
        assert.ok(!page.items.some(({ name }) => name === text));
      }
      assert.equal(await query.count(), TEXTS.length);
      const last = TEXTS.length - 1;
      assert.equal(
        await query.deleteAll({ filterBy: { name: TEXTS.slice(0, last) } }),
        last,
      );
    },
  ),
  behaviour(
    "text that looks like SQL is rejected as a name",
    async (db) => {
      await fillStars(db);
      const query = db.query(Star);
      for (const text of TEXTS) {
        const named: object = { [text]: 1 };
        const listed = [text] as never[];
        const wrong: (() => Promise<unknown>)[] = [
          () => query.findAll({ filterBy: named }),
          () => query.findAll({ filterBy: { mag: named } }),
          () => query.findAll({ orderBy: named }),
          () => query.findAll({ orderBy: { mag: text as "asc" } }),
          () => query.findAll({ select: listed }),
          () => query.findAll({ include: listed }),
          () => query.find({ after: named }),
          () => query.updateAll({ filterBy: {}, set: named }),
          () => query.bulkUpsert(STARS, { conflict: listed }),
          () => query.bulkUpsert(STARS, { update: listed }),
          () => query.bulkUpsert(STARS, { prefer: listed }),
          () => query.bulkInsert(STARS, { onConflict: text as "error" }),
        ];
        for (const attempt of wrong) {
          await assert.rejects(
            async () => await attempt(),
            (error) => error instanceof QueryError,
            `${attempt} ${text}`,
          );
        }
        await assert.rejects(
          db.transaction(() => Promise.resolve(), {
            isolationLevel: text as "serializable",
          }),
          TransactionError,
        );
      }
      assert.equal(await query.count(), STARS.length);
    },
  ),
];
