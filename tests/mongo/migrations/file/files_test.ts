// MongoDB migration files: what is read, refused and named, what a checksum covers, what the rules say.
import { MigrationError } from "@alerce/db-plugins";
import assert from "node:assert/strict";
import fc from "fast-check";
import { mongoDialect } from "../../../../src/mongo/migrations/dialect.ts";

const { parse, print, lint, empty } = mongoDialect;

/** Returns the error of a file. */
function refusal(text: string): string {
  try {
    parse(text, "m.up.json");
  } catch (error) {
    assert(error instanceof MigrationError);
    assert.equal(error.exitCode, 4);
    return error.message;
  }
  throw new Error(`not refused: ${text}`);
}

/** Returns the rules that a file breaks. */
function broken(elements: readonly unknown[], direction?: "down"): string[] {
  const script = parse(JSON.stringify(elements), "m.up.json");
  return lint(script, direction ?? "up").map(({ rule, problem }) =>
    `${rule}: ${problem}`
  );
}

const RENAME = [
  { dbp: "requires mongodb>=6.0" },
  { dbp: "destructive drop-collection night" },
  { dbp: "step repeat statement_timeout=1h" },
  {
    update: "star",
    comment: "In parts.",
    updates: [{
      q: { mag: { $exists: true }, vmag: { $exists: false } },
      u: [{ $set: { vmag: "$mag" } }, { $unset: "mag" }],
      multi: true,
    }],
  },
  { drop: "night" },
];

Deno.test("a file is read: commands are steps, directives apply to the next command or to the file", () => {
  const script = parse(JSON.stringify(RENAME, null, 2), "m.up.json");
  assert.deepEqual(
    script.steps.map(({ transaction, repeat, statementTimeout, line }) => [
      transaction,
      repeat,
      statementTimeout,
      line,
    ]),
    [[false, true, 3_600_000, 11], [false, false, undefined, 38]],
  );
  assert.deepEqual(script.requires, ["mongodb>=6.0"]);
  assert.deepEqual(script.destructive, ["drop-collection night"]);
  assert.deepEqual(lint(script, "up"), []);
});

Deno.test("white space, line ends, a byte order mark and comments do not change a checksum; everything else does", () => {
  const { checksum, steps } = parse(JSON.stringify(RENAME), "m.up.json");
  const same = [
    JSON.stringify(RENAME, null, "\t"),
    JSON.stringify(RENAME, null, 2).replaceAll("\n", "\r\n"),
    `\uFEFF${JSON.stringify(RENAME)}\n\n`,
    JSON.stringify(RENAME).replace("In parts.", "A thousand at a time."),
    JSON.stringify([{ comment: "Read on." }, ...RENAME]),
    JSON.stringify(RENAME).replace("1h", "60m"),
    JSON.stringify(RENAME).replace("mag", "\\u006dag"),
    JSON.stringify(RENAME).replace('"multi":true', '"multi" : true'),
  ];
  for (const text of same) {
    const read = parse(text, "m.up.json");
    assert.equal(read.checksum, checksum, text);
    assert.deepEqual(
      read.steps.map(({ hash }) => hash),
      steps.map(({ hash }) => hash),
    );
  }
  const other = [
    JSON.stringify(RENAME).replaceAll("vmag", "wmag"),
    JSON.stringify(RENAME).replace("1h", "2h"),
    JSON.stringify(RENAME).replace(" repeat", ""),
    JSON.stringify(RENAME).replace(">=6.0", ">=7"),
    JSON.stringify([...RENAME.slice(4), ...RENAME.slice(0, 4)]),
    JSON.stringify(RENAME).replace('"$mag"', '{"$numberLong":"1"}'),
  ];
  for (const text of other) {
    assert.notEqual(parse(text, "m.up.json").checksum, checksum, text);
  }
});

Deno.test("a printed file is read back unchanged, for any command", () => {
  const value = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { depthSize: "small" },
      fc.constantFrom("x", "", "a longer text that takes some room", null, 0),
      fc.constantFrom(1.5, -3, true, 5e10, { $numberLong: "5" }),
      fc.constantFrom({ $numberDouble: "-Infinity" }, { $numberDouble: "1.0" }),
      fc.constantFrom({ $date: "2026-09-30T14:15:02.125Z" }, {
        $date: { $numberLong: "-8640000000000000" },
      }, { $oid: "6b063da4f8d891008bf95316" }),
      fc.array(tie("value"), { maxLength: 4 }),
      fc.dictionary(fc.constantFrom("a", "b", "name"), tie("value")),
    ),
  })).value;
  fc.assert(
    fc.property(value, fc.boolean(), (value, repeat) => {
      const text = JSON.stringify({
        update: "star",
        updates: [{ q: { a: 1 }, u: { $set: { value } }, multi: true }],
      });
      const [step] = parse(`[${text}]`, "a.json").steps;
      assert(step !== undefined);
      const draft = {
        steps: [{ ...step, repeat, comments: ["Why.", "And how."] }],
        destructive: ["drop-field star.a"],
        irreversible: "it is gone",
        requires: ["mongodb>=6.0"],
        ignored: [{ rule: "destructive", why: "it is a test" }],
      };
      const printed = print(draft);
      const read = parse(printed, "b.json");
      assert.deepEqual(read.steps.map(({ statements }) => statements.length), [
        1,
      ]);
      assert.equal(read.steps[0]?.repeat, repeat);
      assert.match(read.steps[0]?.statements[0] ?? "", /Why\. And how\./);
      const { steps: _steps, checksum: _checksum, ...about } = read;
      const { steps: _drafts, ...expected } = draft;
      assert.deepEqual(about, expected);
      if (!repeat) assert.equal(read.steps[0]?.hash, step.hash);
      assert(
        printed.split("\n").every((line) =>
          line.length <= 80 || !/, |\{ ./.test(line.trim().slice(0, -3))
        ),
        printed,
      );
    }),
    { numRuns: 300, seed: 20_180_601 },
  );
});

Deno.test("an empty file is read, and contains a hint", () => {
  for (const direction of ["up", "down"] as const) {
    const text = empty(direction);
    assert.deepEqual(parse(text, "m.json").steps, []);
    assert.match(text, /command/);
  }
  assert.equal(
    print({ steps: [], destructive: [], requires: [] }),
    "[]\n",
  );
});

Deno.test("an error names the line and the nearest valid name", () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    [
      '[\n\n{"creat": "a"}]',
      /^m\.up\.json:3: "creat" is not an allowed command.*did you mean create\?$/,
    ],
    [
      '[{"create": "a",\n"validatr": {}}]',
      /^m\.up\.json:1: create has no field "validatr"; did you mean validator\?$/,
    ],
    [
      '[{"validator": {}, "create": "a"}]',
      /the name of the command must come first: create before validator/,
    ],
    [
      '[{"dbp": "stp repeat"}]',
      /dbp:stp is not a directive; did you mean dbp:step\?/,
    ],
    ['[{"dbp": "step repaet"}, {"drop": "a"}]', /did you mean repeat\?/],
    ['[{"dbp":"step repeat"}]', /but no command follows/],
    [
      '[{"dbp":"step repeat"}, {"dbp":"step repeat"}, {"drop": "a"}]',
      /but no command follows/,
    ],
    ['[{"dpb": "step"}]', /did you mean "dbp"\?/],
    ['[{"DBP": "step"}]', /did you mean "dbp"\?/],
    [
      '[{"dbp": "step", "drop": "a"}]',
      /an element of its own.*this one also has drop/,
    ],
    [
      '[{"drop": "a", "dbp": "step"}]',
      /an element of its own.*this one also has drop/,
    ],
    ['[{"dbp":"dbp:step"}, {"drop": "x"}]', /did you mean "step"\?/],
    ['[{"dbp":"step tx=none"},{"drop":"a"}]', /MongoDB has no option tx/],
    [
      '[{"dbp":"step lock_timeout=2s"},{"drop":"a"}]',
      /did you mean statement_timeout\?/,
    ],
    ['[{"dbp":"ignore uniqe-at-once x"}]', /did you mean unique-at-once\?/],
    [
      '[{"update": "a", "updates": [{"q": {"$where": "1"}, "u": {}}]}]',
      /JavaScript.*did you mean \$expr\?/,
    ],
    [
      '[{"update": "a", "updates": [{"q": {"$expr": {"$function": {}}}, "u": {}}]}]',
      /update uses \$function.*JavaScript/,
    ],
    [
      '[{"update": "a", "updates": [{"q": {}, "u": {}, "mutli": true}]}]',
      /has no field "mutli"; did you mean multi\?/,
    ],
    ['{"a": 1}', /a file must be an array/],
    ['[{"a": 1,\n}]', /^m\.up\.json:2: invalid JSON/],
    ['[\n// why\n{"drop":"a"}]', /^m\.up\.json:2: .*JSON has no comments/],
    ["", /invalid JSON/],
    ["[5]", /element 1 must be an object/],
    ['[{"drop": "a"}, null]', /element 2 must be an object/],
    ['[{"create":"a", "create": "b"}]', /duplicate key "create" in one object/],
    [
      '[{"create":"a", "validator": {"x": 1,\n"x": 2}}]',
      /^m\.up\.json:2: duplicate key "x" in one object/,
    ],
    [
      '[{"commitTransaction": 1}]',
      /commitTransaction is not allowed in a file/,
    ],
    [
      '[{"update":"a","updates":[{"q":{},"u":{}}],"txnNumber":1}]',
      /not part of a transaction/,
    ],
    [
      '[{"drop":"a","$db":"admin"}]',
      /always runs on the connection's database/,
    ],
    ['[{"dropDatabase": 1}]', /drop collections one by one/],
    [
      '[{"shardCollection": "a.b"}]',
      /an administrator must change a shard key/,
    ],
    [
      '[{"createUser": "x", "pwd": "y"}]',
      /users are a task for the administrator/,
    ],
    [
      '[{"renameCollection": "db.a", "to": "db.b"}]',
      /without their database.*did you mean a\?/,
    ],
    ['[{"renameCollection": "a"}]', /requires "to"/],
    ['[{"drop": "system.users"}]', /belongs to the server/],
    ['[{"drop": "dbp_migrations"}]', /belongs to the migrations/],
    [
      '[{"renameCollection": "a", "to": "dbp_migrations_lock"}]',
      /belongs to the migrations/,
    ],
    ['[{"aggregate": "a", "pipeline": []}]', /\$merge or \$out/],
    [
      '[{"aggregate": "a", "pipeline": [{"$out": {"db": "x", "coll": "y"}}]}]',
      /connection's database/,
    ],
    [
      '[{"createIndexes": "a", "indexes": [{"key": {"a": 1}}]}]',
      /an index requires a name/,
    ],
    [
      '[{"dbp":"step repeat"},{"drop":"a"}]',
      /only an update or a delete can be repeated/,
    ],
    [
      '[{"dbp":"step repeat"},{"update":"a","updates":[{"q":{},"u":{}}]}]',
      /"multi": true/,
    ],
    [
      '[{"insert":"a","documents":[{"_id":{"$oid":"x"}}]}]',
      /element 1 is not valid Extended JSON/,
    ],
    ['[{"toString": 1}]', /"toString" is not an allowed command/],
    ['[{"drop": "a", "toString": 1}]', /drop has no field "toString"/],
    [
      '[{"drop":"a","writeConcern":{"w":0}}]',
      /w 0, so the server would not report failures/,
    ],
    [
      '[{"dropIndexes":"a","index":{"a":1}}]',
      /refer to indexes by their names/,
    ],
    [
      '[{"delete":"a","deletes":[{"q":{},"limit":0,"colation":{}}]}]',
      /a delete has no field "colation"; did you mean collation\?/,
    ],
    ...[
      '{"$date":"nonsense"}',
      '{"$numberInt":"99999999999"}',
      '{"$numberInt":"1.5"}',
      '{"$numberDouble":"far"}',
    ].map((value): readonly [string, RegExp] => [
      `[{"insert":"a","documents":[{"_id":[${value}]}]}]`,
      /element 1 is not valid Extended JSON: invalid value \{.*\}$/,
    ]),
    [
      '[{"insert":"a",\n"documents":[{"_id":1234567890123456789}]}]',
      /^m\.up\.json:2: JSON would round the number 1234567890123456789; did you mean \{ "\$numberLong": "1234567890123456789" \}\?$/,
    ],
    [
      `[{"create":"a","validator":${"[".repeat(30_000)}${"]".repeat(30_000)}}]`,
      /the value has more than 200 levels/,
    ],
    ["[{}]", /contains no command/],
    ['[{"drop": ""}]', /drop requires the name of a collection/],
  ];
  for (const [text, expected] of cases) assert.match(refusal(text), expected);
});

Deno.test("every broken rule is reported", () => {
  const update = (u: unknown) => ({
    update: "a",
    updates: [{ q: {}, u, multi: true }],
  });
  const index = { name: "b_1", key: { b: 1 } };
  const cases: readonly (readonly [readonly unknown[], readonly RegExp[]])[] = [
    [[{ drop: "a" }], [/^destructive: .*drop-collection a"/]],
    [[{ dbp: "destructive drop-collection b" }, { drop: "a" }], [/^destr/]],
    [[{ dbp: "destructive drop-collection a" }, { drop: "a" }], []],
    [[{ dropIndexes: "a", index: "b_1" }], [/drop-index a#b_1/]],
    [[{ dropIndexes: "a", index: ["b_1", "c_1"] }], [/a#b_1/, /a#c_1/]],
    [
      [{ collMod: "a", index: { name: "b_1", expireAfterSeconds: 1 } }],
      [/expire a/],
    ],
    [
      [{ createIndexes: "a", indexes: [{ ...index, expireAfterSeconds: 5 }] }],
      [/expire a/],
    ],
    [
      [{ dbp: "step repeat" }, update({ $unset: { b: "" } })],
      [/drop-field a\.b/],
    ],
    [[{ dbp: "step repeat" }, update([{ $unset: "b" }])], [/drop-field a\.b/]],
    [
      [
        { dbp: "step repeat" },
        update([{ $set: { c: "$b" } }, { $unset: "b" }]),
      ],
      [],
    ],
    [[{ renameCollection: "a", to: "b", dropTarget: true }], [
      /drop-collection b/,
    ]],
    [[{ aggregate: "a", pipeline: [{ $out: "b" }] }], [/overwrite b/]],
    [[{
      aggregate: "a",
      pipeline: [{ $merge: { into: "b", whenMatched: "replace" } }],
    }], [/overwrite b/]],
    [[{ aggregate: "a", pipeline: [{ $merge: "b" }] }], []],
    [[{ collMod: "a", cappedMax: 5 }], [/expire a/]],
    [[{ update: "a", updates: [{ q: {}, u: { b: 1 } }] }], [/overwrite a/]],
    [
      [{ dbp: "step repeat" }, update([{ $project: { b: 1 } }])],
      [/overwrite a/],
    ],
    [
      [
        { dbp: "step repeat" },
        update([{ $replaceWith: { $mergeObjects: [{ b: 1 }, "$$ROOT"] } }]),
      ],
      [],
    ],
    [
      [{ dbp: "step repeat" }, update([{ $set: { b: "$$REMOVE" } }])],
      [/drop-field a\.b/],
    ],
    [
      [{ dbp: "step repeat" }, update({ $rename: { b: "c" } })],
      [/drop-field a\.c/],
    ],
    [
      [{ dbp: "step repeat" }, {
        update: "a",
        updates: [{
          q: { c: { $exists: false } },
          u: { $rename: { b: "c" } },
          multi: true,
        }],
      }],
      [],
    ],
    [[update({ $set: { b: 1 } })], [/^update-at-once/]],
    [[{ dbp: "step repeat" }, update({ $inc: { b: 1 } })], [
      /^not-repeatable.*\$inc/,
    ]],
    [
      [
        { dbp: "step repeat" },
        update([{ $set: { b: { $round: [{ $add: [1, "$b"] }] } } }]),
      ],
      [/^not-repeatable.*\$add/],
    ],
    [
      [{ dbp: "step repeat" }, update([{ $set: { b: { $add: [1, "$c"] } } }])],
      [],
    ],
    [[{ insert: "a", documents: [{ b: 1 }] }], [/^not-repeatable/]],
    [[{ insert: "a", documents: [{ _id: 1 }] }], []],
    [[{ createIndexes: "a", indexes: [{ ...index, unique: true }] }], [
      /^unique-at-once.*prepareUnique/,
    ]],
    [[{ createIndexes: "a", indexes: [{ ...index, unique: 1 }] }], [
      /^unique-at-once/,
    ]],
    [[{ create: "a" }, {
      createIndexes: "a",
      indexes: [{ ...index, unique: true }],
    }], []],
    [[{ collMod: "a", validator: { b: 1 } }], [/^strict-at-once/]],
    [[{ collMod: "a", validator: {} }], []],
    [[
      {
        collMod: "a",
        validator: { b: 1 },
        validationLevel: "moderate",
        validationAction: "warn",
      },
      { collMod: "a", validationLevel: "strict", validationAction: "error" },
    ], []],
    [
      [{ dbp: "ignore strict-at-once nobody writes" }, {
        collMod: "a",
        validator: { b: 1 },
      }],
      [],
    ],
  ];
  for (const [elements, expected] of cases) {
    const found = broken(elements);
    assert.equal(
      found.length,
      expected.length,
      JSON.stringify([elements, found]),
    );
    for (const [index, one] of expected.entries()) {
      assert.match(found[index] ?? "", one);
    }
  }
});

Deno.test("a down migration must declare lost documents, but not dropped indexes", () => {
  for (
    const [loss, element] of [
      ["drop-collection a", { drop: "a" }],
      ["delete a", { delete: "a", deletes: [{ q: { b: 1 }, limit: 1 }] }],
    ] as const
  ) {
    const [found, ...others] = broken([element], "down");
    assert.deepEqual(others, []);
    assert.ok(
      found?.includes(`{ "dbp": "destructive ${loss}" }`),
      `${loss}: ${found}`,
    );
    assert.deepEqual(
      broken([{ dbp: `destructive ${loss}` }, element], "down"),
      [],
    );
  }
  assert.deepEqual(broken([{ dropIndexes: "a", index: "b_1" }], "down"), []);
});
