// The renames that options and models request, for random names.
import { type AnyModel, MigrationError } from "@alerce/db-plugins";
import assert from "node:assert/strict";
import fc from "fast-check";
import { z } from "zod";
import {
  type Held,
  type Renames,
  renamesOf,
  underNewNames,
} from "../../../src/migrations/plan/renames.ts";
import { property } from "../../support/arbitraries.ts";
import { model } from "../../support/plan_cases.ts";

const WORDS = { table: "table", column: "column" };

/** What happens to a table or a column. */
interface Fate {
  readonly becomes: "kept" | "dropped" | "added" | "renamed";
  /** Whether the model requests it, not an option. */
  readonly byModel: boolean;
}

interface TableFate extends Fate {
  readonly columns: readonly Fate[];
  /** Whether options name columns by the old name of their table. */
  readonly byOldName: boolean;
}

const fate = {
  becomes: fc.constantFrom("kept", "dropped", "added", "renamed"),
  byModel: fc.boolean(),
} as const;
const fates: fc.Arbitrary<TableFate[]> = fc.array(
  fc.record({
    ...fate,
    byOldName: fc.boolean(),
    columns: fc.array(fc.record(fate), { maxLength: 4 }),
  }),
  { maxLength: 4 },
);

/** Names of which one is a prefix of another, up to a dot. */
const TABLES = ["t", "t.a", "t.a.b", "u"];
const columnName = (place: number): string => `c${place}`;
const later = (name: string): string => `${name}_new`;
const isLive = ({ becomes }: Fate): boolean => becomes !== "added";
const isWanted = ({ becomes }: Fate): boolean => becomes !== "dropped";

/** A database, models, options, and the expected renames. */
function made(tables: readonly TableFate[]): {
  readonly live: Held;
  readonly after: Held;
  readonly models: readonly AnyModel[];
  readonly renames: ReadonlyMap<string, string>;
  readonly expected: Renames;
} {
  const live = new Map<string, Set<string>>();
  const after = new Map<string, Set<string>>();
  const models: AnyModel[] = [];
  const renames = new Map<string, string>();
  const expected = {
    tables: new Map<string, string>(),
    columns: new Map<string, Map<string, string>>(),
  };
  for (const [at, table] of tables.entries()) {
    const old = TABLES[at] ?? "";
    const renamed = table.becomes === "renamed";
    const now = renamed ? later(old) : old;
    const columns = table.columns.map((column, place) => ({
      ...column,
      old: columnName(place),
      now: column.becomes === "renamed" && isWanted(table)
        ? later(columnName(place))
        : columnName(place),
    }));
    if (isLive(table)) {
      live.set(
        old,
        new Set(["id", ...columns.filter(isLive).map(({ old }) => old)]),
      );
      after.set(
        now,
        new Set(["id", ...columns.filter(isLive).map(({ now }) => now)]),
      );
    }
    if (!isWanted(table)) continue;
    models.push(model(
      now,
      Object.fromEntries(
        columns.filter(isWanted).map(({ becomes, byModel, old, now }) => [
          now,
          becomes === "renamed" && byModel
            ? z.int32().meta({ renamedFrom: old })
            : z.int32(),
        ]),
      ),
      {
        primaryKey: ["id"],
        ...renamed && table.byModel ? { renamedFrom: old } : {},
      },
    ));
    if (table.becomes === "added") continue;
    if (renamed) {
      expected.tables.set(old, now);
      if (!table.byModel) renames.set(old, now);
    }
    for (const column of columns) {
      if (column.becomes !== "renamed") continue;
      const own = expected.columns.get(old) ?? new Map<string, string>();
      expected.columns.set(old, own.set(column.old, column.now));
      if (column.byModel) continue;
      const owner = table.byOldName ? old : now;
      renames.set(`${owner}.${column.old}`, `${now}.${column.now}`);
    }
  }
  return { live, after, models, renames, expected };
}

Deno.test("each rename of options and models is made once", async () => {
  await property(500, fates, (tables) => {
    const { live, after, models, renames, expected } = made(tables);
    assert.deepEqual(renamesOf(models, { renames }, live, WORDS), expected);
    const none = { tables: new Map(), columns: new Map() };
    assert.deepEqual(renamesOf(models, { renames }, after, WORDS), none);
    const names = (held: Held): string[] =>
      [...held].flatMap(([table, columns]) => [
        table,
        ...[...columns].map((column) => `${table}.${column}`),
      ]);
    assert.deepEqual(
      [...underNewNames(names(live), expected)].sort(),
      names(after).sort(),
    );
    return Promise.resolve();
  });
});

Deno.test("an option with a wrong name is refused", async () => {
  const wrong = fc.tuple(fates, fc.nat(), fc.constantFrom("from", "to"));
  let refused = 0;
  await property(500, wrong, ([tables, place, side]) => {
    const { live, models, renames } = made(tables);
    const all = [...renames];
    const bad = all[place % Math.max(1, all.length)];
    if (bad === undefined) return Promise.resolve();
    const [from, to] = bad;
    const other = side === "from"
      ? [`${from}zzz`, to] as const
      : [from, `${to}zzz`] as const;
    const requested = new Map(all.map((one) => one === bad ? other : one));
    refused++;
    assert.throws(
      () => renamesOf(models, { renames: requested }, live, WORDS),
      (error) => {
        assert(error instanceof MigrationError, String(error));
        assert.equal(error.exitCode, 7);
        assert.match(error.message, /^Cannot rename .*zzz/);
        return true;
      },
    );
    return Promise.resolve();
  });
  assert.ok(refused > 100);
});

Deno.test("an option overrides a model", () => {
  const live: Held = new Map([["a", new Set(["id"])], ["b", new Set(["id"])]]);
  const models = [
    model("c", {}, { primaryKey: ["id"], renamedFrom: "a" }),
    model("d", {}, { primaryKey: ["id"] }),
  ];
  for (
    const [renames, expected] of [
      [{ b: "c" }, [["b", "c"]]],
      [{ a: "d" }, [["a", "d"]]],
      [{ a: "d", b: "c" }, [["a", "d"], ["b", "c"]]],
      [{}, [["a", "c"]]],
    ] as const
  ) {
    const found = renamesOf(
      models,
      { renames: new Map(Object.entries(renames)) },
      live,
      WORDS,
    );
    assert.deepEqual([...found.tables], expected);
  }
});

/** A model of columns, each with its former name. */
function noted(table: string, columns: Record<string, string>): AnyModel {
  return model(
    table,
    {
      id: z.int32(),
      ...Object.fromEntries(
        Object.entries(columns).map(([name, renamedFrom]) => [
          name,
          z.int32().meta({ renamedFrom }),
        ]),
      ),
    },
    { primaryKey: ["id"] },
  );
}

for (
  const [columns, existing, refused] of [
    [
      { a: "b", b: "a" },
      "a b",
      "rename star.a to star.b while star.b is renamed to star.a: give star.b a third name first",
    ],
    [
      { a: "b", b: "c", c: "a" },
      "a b c",
      "rename star.c to star.b while star.b is renamed to star.a: give star.b a third name first",
    ],
    [
      { b: "a", c: "b" },
      "a b",
      "rename star.a to star.b while star.b is renamed to star.c: rename star.b first",
    ],
    [
      { d: "c", b: "a", c: "b" },
      "a b c",
      "rename star.b to star.c while star.c is renamed to star.d: rename star.c first",
    ],
    [{ b: "a", c: "b" }, "b c", undefined],
    [{ b: "a", c: "b" }, "a c", undefined],
    [{ b: "a", c: "b" }, "a b c", undefined],
    [{ a: "a" }, "a", undefined],
  ] as const
) {
  Deno.test(`a rename that depends on another is ${refused === undefined ? "made" : "refused"} if ${JSON.stringify(columns)} meet ${existing}`, () => {
    const live: Held = new Map([[
      "star",
      new Set(["id", ...existing.split(" ")]),
    ]]);
    const find = (): Renames =>
      renamesOf([noted("star", columns)], { renames: new Map() }, live, WORDS);
    if (refused === undefined) return void find();
    assert.throws(find, (error) => {
      assert(error instanceof MigrationError, String(error));
      assert.equal(error.exitCode, 7);
      assert.ok(error.message.startsWith(`Cannot ${refused}`), error.message);
      return true;
    });
  });
}

Deno.test("a table is not confused with a table that had its name earlier", () => {
  const live: Held = new Map([
    ["star", new Set(["id"])],
    ["galaxy", new Set(["id"])],
  ]);
  const models = [
    model("object", {}, { primaryKey: ["id"], renamedFrom: "star" }),
    model("star", {}, { primaryKey: ["id"], renamedFrom: "galaxy" }),
  ];
  assert.throws(
    () => renamesOf(models, { renames: new Map() }, live, WORDS),
    /^MigrationError: Cannot rename galaxy to star while star is renamed to object: rename star first, in a migration of its own/,
  );
});
