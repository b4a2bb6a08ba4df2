// On every engine and in every database, the order of random texts is that of their UTF-8 bytes.
import { Buffer } from "node:buffer";
import { defineModel } from "@alerce/db-plugins";
import assert from "node:assert/strict";
import fc from "fast-check";
import { z } from "zod";
import { property } from "../support/arbitraries.ts";
import { anyCharacter } from "../support/code_points.ts";
import { oneAnswer, onEveryEngine } from "../support/every_engine.ts";
import { ROUNDS } from "../support/rounds.ts";

const Word = defineModel("word", {
  fields: z.object({ id: z.string(), copy: z.string().nullable() }),
  primaryKey: ["id"],
});

const letter = fc.oneof(
  fc.constantFrom(..."aAzZ09 -_.eéßıİ\u0301Ωω\uFFFD\uE000\u{10000}\u{1F52D}"),
  anyCharacter,
);
const word = fc.array(letter, { maxLength: 5 }).map((letters) =>
  letters.join("").replaceAll("\0", "")
);

function byBytes(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}

onEveryEngine(
  "random texts are ordered and compared by their UTF-8 bytes",
  async (databases) => {
    await property(
      20 * ROUNDS,
      fc.record({
        words: fc.uniqueArray(word, { minLength: 2, maxLength: 20 }),
        from: word,
        to: word,
      }),
      async ({ words, from, to }) => {
        const expected = words.toSorted(byBytes);
        const answer = await oneAnswer(databases, async (db) => {
          const query = db.query(Word);
          await query.deleteAll({ filterBy: {}, all: true });
          await query.bulkInsert(words.map((id) => ({ id, copy: id })));
          const ids = (rows: readonly { id: string }[]): string[] =>
            rows.map(({ id }) => id);
          const pages: string[] = [];
          let after: object | undefined;
          for (;;) {
            const page = await query.find({
              orderBy: { copy: "desc" },
              perPage: 7,
              count: false,
              ...after === undefined ? {} : { after },
            });
            pages.push(...ids(page.items));
            after = page.items.at(-1);
            if (!page.hasNext || pages.length > words.length) break;
          }
          return {
            ordered: ids(await query.findAll({ orderBy: { id: "asc" } })),
            between: ids(
              await query.findAll({
                filterBy: { copy: { between: [from, to] } },
                orderBy: { id: "asc" },
              }),
            ),
            pages,
          };
        });
        assert.deepEqual(answer, {
          ordered: expected,
          between: expected.filter((id) =>
            byBytes(from, id) <= 0 && byBytes(id, to) <= 0
          ),
          pages: expected.toReversed(),
        });
      },
    );
  },
  [Word],
);
