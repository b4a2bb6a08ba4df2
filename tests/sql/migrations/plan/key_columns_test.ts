// Plans that change a column and the keys that contain it at once, in every
// combination: the server refuses many orders of these steps.
//   DBP_TEST_ROUNDS=20 deno task test tests/sql/migrations/plan/key_columns_test.ts   tries them all
import { type AnyModel, identity, serial } from "@alerce/db-plugins";
import { z } from "zod";
import { test } from "../../../support/connected.ts";
import { model } from "../../../support/plan_cases.ts";
import { embedded, intent } from "../../../support/plan_database.ts";
import { oracle } from "../../../support/plan_oracle.ts";
import { ROUNDS } from "../../../support/rounds.ts";

/** A state of the column `c` of a table and of the keys that contain it. */
interface State {
  readonly keys: keyof typeof KEYS;
  readonly filled: keyof typeof FILLED;
}

const KEYS = {
  "no key": { nullable: true, primaryKey: [] },
  "no key, NOT NULL": { nullable: false, primaryKey: [] },
  "another key": { nullable: true, primaryKey: ["id"] },
  "another key, NOT NULL": { nullable: false, primaryKey: ["id"] },
  "a unique key": { nullable: true, primaryKey: [], unique: true },
  "two keys": { nullable: false, primaryKey: ["id"], unique: true },
  "the primary key": { nullable: false, primaryKey: ["c"] },
  "a part of the primary key": { nullable: false, primaryKey: ["id", "c"] },
  "a primary key that is unique too": {
    nullable: false,
    primaryKey: ["c"],
    unique: true,
  },
} as const;

const FILLED = {
  "by nobody": (type: z.ZodType) => type,
  "by an identity": (type: z.ZodType) => identity(type),
  "by a sequence": (type: z.ZodType) => serial(type),
  "by a default": (type: z.ZodType) => type.meta({ sqlDefault: "1" }),
} as const;

const STATES = Object.keys(KEYS).flatMap((keys) =>
  Object.keys(FILLED).map((filled) => ({ keys, filled }) as State)
).filter(({ keys, filled }) =>
  !KEYS[keys].nullable || filled === "by nobody" || filled === "by a default"
);

/** A pair of states, and the other properties of the column that change with them. */
interface Pair {
  readonly old: State;
  readonly next: State;
  readonly renamed: boolean;
  readonly wider: boolean;
  readonly referred: boolean;
}

/** Pairs of which `make_migrations` generates a file. */
const PAIRS: readonly Pair[] = STATES.flatMap((old) =>
  STATES.map((next) => ({ old, next }))
).filter(({ old, next }) =>
  // A nullable column becomes an identity or serial in two files.
  !KEYS[old.keys].nullable || next.filled === "by nobody" ||
  next.filled === "by a default"
).map((pair, index) => ({
  ...pair,
  renamed: index % 2 === 1,
  wider: index % 3 === 1,
  referred: index % 5 === 1,
}));

/** By day every such pair is tried: an odd distance, so that they differ in the other properties. */
const STRIDE = ROUNDS > 1 ? 1 : Math.ceil(PAIRS.length / 12) * 2 + 1;

for (const [index, pair] of PAIRS.entries()) {
  if (index % STRIDE > 0) continue;
  test(`a column of ${nameOf(pair)}`, async () => {
    const { old, next, renamed, wider, referred } = pair;
    await oracle(
      embedded,
      modelsOf(old, "c", z.int32(), referred),
      modelsOf(
        next,
        renamed ? "d" : "c",
        wider ? z.int64() : z.int32(),
        referred,
      ),
      {
        rows: [
          "INSERT INTO t (id, c) SELECT n, n + 5 FROM generate_series(1, 20) n",
        ],
        intent: intent({ defaults: { [renamed ? "t.d" : "t.c"]: "7" } }),
      },
    );
  });
}

function nameOf({ old, next, renamed, wider, referred }: Pair): string {
  return [
    `${old.keys}, filled ${old.filled}, becomes one of ${next.keys}, filled ${next.filled}`,
    ...renamed ? ["renamed"] : [],
    ...wider ? ["wider"] : [],
    ...referred ? ["referred to"] : [],
  ].join(", ");
}

function modelsOf(
  { keys, filled }: State,
  column: string,
  type: z.ZodType,
  referred: boolean,
): readonly AnyModel[] {
  const { nullable, primaryKey, ...others } = KEYS[keys];
  const field = FILLED[filled](nullable ? type.nullable() : type);
  const table = model("t", {
    [column]: column === "c" ? field : field.meta({ renamedFrom: "c" }),
  }, {
    primaryKey: primaryKey.map((name) => name === "c" ? column : name),
    unique: "unique" in others ? [[column]] : [],
  });
  // A foreign key needs a key of one column.
  const [first = "", ...rest] = primaryKey;
  return referred && first === "id" && rest.length === 0
    ? [
      table,
      model("child", { t_id: z.int32().nullable() }, {
        primaryKey: ["id"],
        foreignKeys: [{
          fields: ["t_id"],
          references: { table: "t", fields: ["id"] },
        }],
      }),
    ]
    : [
      table,
      model("child", { t_id: z.int32().nullable() }, { primaryKey: ["id"] }),
    ];
}
