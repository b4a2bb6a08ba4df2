// Random stars and random queries on them, from small sets of values, so that queries often match.
import type { Direction, InsertOf } from "@alerce/db-plugins";
import type { Sighting, StarInsert, StarRow } from "@alerce/db-plugins/testing";
import fc from "fast-check";
import { SEED } from "./rounds.ts";

/** Runs a property test; the same seed gives the same runs. */
export async function property<T>(
  runs: number,
  values: fc.Arbitrary<T>,
  holds: (value: T) => Promise<void>,
): Promise<void> {
  await fc.assert(fc.asyncProperty(values, holds), {
    numRuns: runs,
    seed: SEED,
  });
}

const letters = fc.constantFrom(
  ..."aAbB%_\\.'\"$1{},é☉🔭 ",
);
const texts = fc.array(letters, { maxLength: 4 }).map((some) => some.join(""));
const words = fc.constantFrom("new", "old", "", "NULL", "a b");

const keys = fc.constantFrom("a", "b", "0", "a.b", "$a", "");
const scalars = fc.constantFrom<unknown[]>(
  ...["x", "X", "é", "", "1", 1, 1.5, -0.1, 1e300, 2 ** 53, true, false, null],
);
const json: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  json: fc.oneof(
    { depthSize: "small", maxDepth: 3 },
    scalars,
    fc.array(tie("json"), { maxLength: 3 }),
    fc.dictionary(keys, tie("json"), { maxKeys: 3, noNullPrototype: true }),
  ),
})).json;

/** A condition on a path of a JSON field. */
const atPath: fc.Arbitrary<object> = fc.tuple(
  fc.array(fc.oneof(keys, fc.integer({ min: 0, max: 2 })), {
    minLength: 1,
    maxLength: 3,
  }),
  fc.oneof(
    fc.tuple(fc.constantFrom("eq", "ne"), json),
    fc.tuple(
      fc.constantFrom("gt", "gte", "lt", "lte"),
      fc.constantFrom<unknown[]>("x", "", "Z", 1, 0, -0.1, 1e299, 7n),
    ),
    fc.array(scalars.filter((value) => value !== null), { maxLength: 3 })
      .map((values) => ["in", values]),
    fc.boolean().map((isNull) => ["isNull", isNull]),
  ),
).map(([path, [name, value]]) => ({ path, [String(name)]: value }));

/** The values of each field of a star other than null, for rows and filters. */
export const POOLS: {
  readonly [F in keyof StarRow]: fc.Arbitrary<NonNullable<StarRow[F]>>;
} = {
  id: fc.bigInt({ min: -3n, max: 12n }).map((n) =>
    n > 10n ? n + 9_007_199_254_740_991n : n
  ),
  name: texts,
  mag: fc.constantFrom(-1.46, 0, 0.1, 2.12, 1e300, -5e-324, 6.5),
  flux: fc.constantFrom(0, 0.5, 0.1, -3.4e38, 16_777_217).map(Math.fround),
  visits: fc.constantFrom(-2147483648, -1, 0, 1, 2147483647),
  variable: fc.boolean(),
  seen: fc.constantFrom(
    "1783-05-12T21:00:00.001Z",
    "2018-06-01T04:07:22.125Z",
    "2018-06-01T04:07:22.126Z",
    "-000043-03-15T12:00:00.999Z",
  ).map((text) => new Date(text)),
  labels: fc.array(words, { maxLength: 3 }),
  kind: fc.constantFrom("O" as const, "G" as const, "M" as const),
  uid: fc.constantFrom(
    "0b0c0ffe-0000-4000-8000-000000000001",
    "ffffffff-0000-4000-8000-000000000001",
  ),
  notes: fc.oneof(
    fc.constantFrom<NonNullable<unknown>[]>("x", 1, false, [1, "2"], {
      a: { b: null },
      c: 2,
    }),
    json.map((value) => value ?? 0),
  ),
  status: words,
};
type Field = keyof StarRow;
type SightingInsert = InsertOf<typeof Sighting>;

const FIELDS = Object.keys(POOLS) as readonly Field[];
const ORDERED = FIELDS.filter((field) => field !== "notes");
const REQUIRED: readonly string[] = ["id", "name", "status"];

const orNull = <T>(values: fc.Arbitrary<T>): fc.Arbitrary<T | null> =>
  fc.option(values, { nil: null, freq: 3 });

/** A star with all fields. */
export const star: fc.Arbitrary<StarInsert> = fc.record({
  id: POOLS.id,
  name: POOLS.name,
  mag: orNull(POOLS.mag),
  flux: orNull(POOLS.flux),
  visits: orNull(POOLS.visits),
  variable: orNull(POOLS.variable),
  seen: orNull(POOLS.seen),
  labels: orNull(POOLS.labels),
  kind: orNull(POOLS.kind),
  uid: orNull(POOLS.uid),
  notes: orNull(POOLS.notes),
  status: POOLS.status,
});

/** Stars with different keys. */
export const stars: fc.Arbitrary<StarInsert[]> = fc.uniqueArray(star, {
  selector: ({ id }) => id,
  maxLength: 14,
}).map((rows) =>
  rows.map((row, index) => ({ ...row, name: `${row.name}${index}` }))
);

const like = fc.array(
  fc.oneof(
    letters.filter((letter) => letter !== "\\"),
    fc.constantFrom("%", "_", "\\%", "\\_", "\\\\", "1"),
  ),
  { maxLength: 4 },
).map((parts) => parts.join(""));

const operators = (field: Field): fc.Arbitrary<object> => {
  const value: fc.Arbitrary<unknown> = POOLS[field];
  const list = fc.array(value, { maxLength: 3 });
  const whole = field === "notes" || field === "labels";
  const compared = (...names: string[]): fc.Arbitrary<object> =>
    fc.tuple(fc.constantFrom(...names), value).map(([name, value]) => ({
      [name]: value,
    }));
  return fc.oneof(
    compared("eq", "ne"),
    fc.constantFrom({ eq: null }, { ne: null }, { isNull: true }, {
      isNull: false,
    }),
    fc.tuple(fc.constantFrom("in", "notIn"), list).map(([name, values]) => ({
      [name]: values,
    })),
    ...(whole ? [] : [
      compared("gt", "gte", "lt", "lte"),
      fc.tuple(value, value).map((between) => ({ between })),
      fc.tuple(value, value).map(([gte, lt]) => ({ gte, lt })),
    ]),
    ...(field === "labels"
      ? [
        fc.oneof(words, POOLS.labels).map((contains) => ({ contains })),
        POOLS.labels.map((containsAny) => ({ containsAny })),
        fc.boolean().map((isEmpty) => ({ isEmpty })),
      ]
      : []),
    ...(field === "notes" ? [atPath, atPath] : []),
    ...(["name", "status", "kind"].includes(field)
      ? [
        like.map((like) => ({ like })),
        like.map((ilike) => ({ ilike })),
        fc.tuple(fc.constantFrom("startsWith", "endsWith"), texts).map((
          [name, text],
        ) => ({ [name]: text })),
      ]
      : []),
  );
};

/** A condition on a field: a value, several values, or null. */
const plain = (field: Field): fc.Arbitrary<unknown> => {
  const value: fc.Arbitrary<unknown> = POOLS[field];
  if (field === "notes") return fc.constant(null);
  return fc.oneof(
    REQUIRED.includes(field) ? value : orNull(value),
    fc.array(value, { maxLength: 3 }),
  );
};

const term = fc.constantFrom(...FIELDS).chain((field) =>
  fc.oneof(operators(field), plain(field)).map((requested): object => ({
    [field]: requested,
  }))
);

/** A filter with nested filters. */
export const filter: fc.Arbitrary<object> = fc.letrec<{ filter: object }>(
  (tie) => ({
    filter: fc.oneof(
      { depthSize: "small", maxDepth: 3 },
      term,
      fc.tuple(term, term).map(([one, other]) => ({ ...one, ...other })),
      fc.tuple(
        fc.constantFrom("and", "or"),
        fc.array(tie("filter"), { maxLength: 3 }),
      ).map(([kind, terms]) => ({ [kind]: terms })),
      tie("filter").map((not) => ({ not })),
      fc.tuple(term, tie("filter")).map(([one, not]) => ({ ...one, not })),
    ),
  }),
).filter;

/** Sightings of stars that may be missing, with different keys. */
export const sightings: fc.Arbitrary<SightingInsert[]> = fc.uniqueArray(
  fc.record({
    star: POOLS.id,
    night: fc.integer({ min: 1, max: 3 }),
    mag: orNull(POOLS.mag),
    quality: fc.constantFrom(0, 0.5, 1),
  }),
  { selector: ({ star, night }) => `${star}/${night}`, maxLength: 24 },
);

const sightingTerm: fc.Arbitrary<object> = fc.oneof(
  fc.integer({ min: 1, max: 3 }).map((night) => ({ night })),
  fc.constantFrom("lt", "gte", "ne").chain((name) =>
    POOLS.mag.map((mag) => ({ mag: { [name]: mag } }))
  ),
  fc.constantFrom(0, 0.5, 1).map((quality) => ({ quality: { ne: quality } })),
  fc.constant({}),
);

/** Filters of stars and of sightings by related rows, nested in each other. */
export const related: {
  readonly star: fc.Arbitrary<object>;
  readonly sighting: fc.Arbitrary<object>;
} = fc.letrec<{ star: object; sighting: object }>((tie) => {
  const combined = (kind: "star" | "sighting"): fc.Arbitrary<object>[] => [
    fc.tuple(
      fc.constantFrom("and", "or"),
      fc.array(tie(kind), { maxLength: 3 }),
    ).map(([name, terms]) => ({ [name]: terms })),
    tie(kind).map((not) => ({ not })),
  ];
  const quantified = (
    relation: string,
    quantifiers: readonly string[],
    inner: fc.Arbitrary<object | null>,
  ): fc.Arbitrary<object> =>
    fc.tuple(fc.constantFrom(...quantifiers), inner).map((
      [quantifier, filter],
    ) => ({ [relation]: { [quantifier]: filter } }));
  const many = ["some", "none", "every"];
  const deep = { depthSize: "medium", maxDepth: 4 } as const;
  return {
    star: fc.oneof(
      deep,
      term,
      quantified("sightings", many, tie("sighting")),
      quantified("sightings", many, tie("sighting")),
      fc.tuple(term, quantified("sightings", many, tie("sighting"))).map((
        [one, other],
      ) => ({ ...one, ...other })),
      ...combined("star"),
    ),
    sighting: fc.oneof(
      deep,
      sightingTerm,
      quantified(
        "star_row",
        ["is", "isNot"],
        fc.option(tie("star"), { nil: null, freq: 5 }),
      ),
      quantified("of_star", many, tie("sighting")),
      ...combined("sighting"),
    ),
  };
});

const direction: fc.Arbitrary<Direction> = fc.oneof(
  fc.constantFrom("asc" as const, "desc" as const),
  fc.record({
    direction: fc.constantFrom("asc" as const, "desc" as const),
    nulls: fc.constantFrom("first" as const, "last" as const),
  }),
);

/** An order by some fields. */
export const order: fc.Arbitrary<object> = fc.shuffledSubarray([...ORDERED], {
  maxLength: 3,
}).chain((fields) =>
  fc.array(direction, { minLength: fields.length, maxLength: fields.length })
    .map((directions) =>
      Object.fromEntries(fields.map((field, at) => [field, directions[at]]))
    )
);
