// Plans between random models create the same collections as createDb, in both directions, and keep all documents.
//   DBP_TEST_PAIRS=1000 deno task test tests/mongo/migrations/plan/property_test.ts   runs more pairs
import type { AnyModel, Index } from "@alerce/db-plugins";
import { makeMigrations, migrate, rollback } from "@alerce/db-plugins/migrate";
import fc from "fast-check";
import type { Db, Document } from "mongodb";
import assert from "node:assert/strict";
import { z } from "zod";
import { property } from "../../../support/arbitraries.ts";
import {
  catalog,
  modelOf,
  mongoTest,
} from "../../../support/mongo_migrating.ts";

const KINDS = {
  int32: () => z.int32(),
  int64: () => z.int64(),
  float64: () => z.float64(),
  string: () => z.string(),
  boolean: () => z.boolean(),
  date: () => z.date(),
  words: () => z.array(z.string()),
  json: () => z.unknown(),
} as const;
type Kind = keyof typeof KINDS;

/** The values of each kind in documents, and the value for a new field. */
const VALUES: { readonly [K in Kind]: readonly unknown[] } = {
  int32: [1, 0, -7],
  int64: [5n, 9_007_199_254_740_993n, 0n],
  float64: [0.5, 3, -1e300],
  string: ["a", "", "long"],
  boolean: [true, false, true],
  date: [new Date(0), new Date(1e12), new Date(5)],
  words: [["x"], [], ["y", "z"]],
  json: [{ a: 1 }, "b", [1]],
};

/** Kinds that accept all values of another. */
const WIDER: { readonly [K in Kind]?: Kind } = { int32: "int64" };

interface FieldSpec {
  readonly kind: Kind;
  readonly nullable: boolean;
}

/** A field in both models. */
interface Fate {
  readonly before: FieldSpec | undefined;
  readonly after: FieldSpec | undefined;
  readonly renamed: boolean;
}

const kind = fc.constantFrom(...Object.keys(KINDS) as Kind[]);
const spec = fc.record({ kind, nullable: fc.boolean() });
const fate: fc.Arbitrary<Fate> = fc.oneof(
  spec.map((one) => ({ before: one, after: one, renamed: false })),
  spec.map((one) => ({ before: one, after: one, renamed: true })),
  spec.map((one) => ({ before: one, after: undefined, renamed: false })),
  spec.map((one) => ({ before: undefined, after: one, renamed: false })),
  fc.tuple(spec, fc.boolean()).map(([one, renamed]) => ({
    before: one,
    after: {
      kind: WIDER[one.kind] ?? one.kind,
      nullable: !one.nullable,
    },
    renamed,
  })),
);

/** The positions of the fields of an index, and whether the key comes first and makes it unique. */
const index = fc.record({
  places: fc.uniqueArray(fc.nat(5), { minLength: 1, maxLength: 2 }),
  unique: fc.boolean(),
  desc: fc.boolean(),
});

const pairs = fc.record({
  fates: fc.array(fate, { minLength: 1, maxLength: 6 }),
  before: fc.array(index, { maxLength: 3 }),
  after: fc.array(index, { maxLength: 3 }),
  collection: fc.boolean(),
});

function nameOf(place: number, renamed: boolean): string {
  return `${renamed ? "new" : "f"}_${place}`;
}

function model(
  name: string,
  fields: readonly (readonly [string, FieldSpec])[],
  indexes: readonly (typeof index extends fc.Arbitrary<infer I> ? I : never)[],
  young: boolean,
): AnyModel {
  const kinds = new Map(fields.map(([field, { kind }]) => [field, kind]));
  const wanted = indexes.flatMap(({ places, unique, desc }): Index[] => {
    const names = places.flatMap((place) => {
      const [field] = fields[place % Math.max(1, fields.length)] ?? [];
      return field === undefined ? [] : [field];
    }).filter((field, at, all) => all.indexOf(field) === at);
    // MongoDB has no index over two arrays.
    const plain = names.filter((field) =>
      kinds.get(field) !== "words" && kinds.get(field) !== "json"
    );
    if (plain.length === 0) return [];
    return [{
      fields: [
        ...unique ? ["id"] : [],
        ...plain.map((field) => ({
          field,
          order: desc ? "desc" as const : "asc" as const,
        })),
      ],
      unique,
    }];
  });
  const byName = new Map(
    wanted.map((one) => [
      one.fields.map((part) => JSON.stringify(part)).join(),
      one,
    ]),
  );
  return modelOf(
    name,
    {
      id: z.int64(),
      ...Object.fromEntries(
        fields.map(([field, { kind, nullable }]) => {
          const type = KINDS[kind]();
          const base = nullable ? type.nullable() : type;
          return [
            field,
            young && !nullable ? z._default(base, () => VALUES[kind][0]) : base,
          ];
        }),
      ),
    },
    {
      primaryKey: ["id"],
      indexes: [...byName.values()].map((one, place) => ({
        ...one,
        name: `ix_${place}`,
      })),
    },
  );
}

const PAIRS = Number(Deno.env.get("DBP_TEST_PAIRS") ?? 7);

mongoTest(
  "plans between random models work in both directions and keep all documents",
  async (outer) => {
    await property(
      PAIRS,
      pairs,
      async ({ fates, before, after, collection }) => {
        await using own = await outer.apart();
        const { directory, open, elsewhere } = own;
        const old = fates.flatMap(({ before }, place) =>
          before === undefined ? [] : [[nameOf(place, false), before] as const]
        );
        const young = fates.flatMap(({ after, renamed }, place) =>
          after === undefined ? [] : [[nameOf(place, renamed), after] as const]
        );
        const table = collection ? "sun" : "star";
        const first = await open([model("star", old, before, false)]);
        await makeMigrations(first, { directory });
        await migrate(first, { directory });
        const documents = [0, 1, 2, 3].map((row) => ({
          id: BigInt(row),
          ...Object.fromEntries(
            old.flatMap(([name, { kind, nullable }]) =>
              nullable && row === 3
                ? []
                : [[name, nullable && row === 0 ? null : VALUES[kind][row % 3]]]
            ),
          ),
        }));
        await first.db.collection("star").insertMany(
          documents.map((one) => ({ ...one })),
        );
        const start = await catalog(first.db);
        const place = await open([model(table, young, after, true)]);
        const dropped: string[] = [];
        const options = {
          directory,
          renames: {
            ...collection ? { star: "sun" } : {},
            ...Object.fromEntries(
              fates.flatMap(({ before, renamed }, place) =>
                before !== undefined && renamed
                  ? [[
                    `star.${nameOf(place, false)}`,
                    `${table}.${nameOf(place, true)}`,
                  ]]
                  : []
              ),
            ),
          },
          decide: (
            { options }: { readonly options: readonly string[] },
          ): Promise<string | undefined> => {
            const drop = options.find((option) => option.startsWith("--drop"));
            dropped.push(drop?.split(".")[1] ?? "");
            return Promise.resolve(drop);
          },
        };
        const { files } = await makeMigrations(place, options);
        await migrate(place, { directory });
        const direct = await elsewhere([model(table, young, after, true)]);
        await direct.createDb();
        const end = await catalog(place.db);
        assert.deepEqual(end, await catalog(direct.db));
        const again = await makeMigrations(place, {
          directory,
          renames: options.renames,
        });
        assert.deepEqual([again.files, again.changes], [undefined, []]);
        const kept = await rows(place.db, table);
        for (const [row, document] of documents.entries()) {
          for (const [at, { before, after, renamed }] of fates.entries()) {
            const name = nameOf(at, false);
            const now = nameOf(at, renamed);
            const was = Reflect.get(document, name) ?? null;
            const filled = after !== undefined && !after.nullable
              ? VALUES[after.kind][0]
              : null;
            const wanted = before === undefined || was === null
              ? filled
              : dropped.includes(name)
              ? null
              : was;
            assert.deepEqual(
              plain(kept[row]?.[now] ?? null),
              plain(wanted),
              `row ${row}, ${now}`,
            );
          }
        }
        if (files === undefined) return;
        if (dropped.length > 0) {
          await assert.rejects(rollback(place, { directory }), /is lost/);
          return;
        }
        await rollback(place, { directory });
        assert.deepEqual(await catalog(place.db), start);
        const back = await rows(place.db, "star");
        for (const [row, document] of documents.entries()) {
          for (const [name, value] of Object.entries(document)) {
            if (value === null) continue;
            assert.deepEqual(plain(back[row]?.[name]), plain(value), name);
          }
        }
        await migrate(place, { directory });
        assert.deepEqual(await catalog(place.db), end);
      },
    );
  },
);

async function rows(
  db: Db,
  table: string,
): Promise<Document[]> {
  return await db.collection(table).find().sort({ id: 1 }).toArray();
}

/** Numbers of any type. */
function plain(value: unknown): unknown {
  return typeof value === "bigint" ? Number(value) : value;
}
