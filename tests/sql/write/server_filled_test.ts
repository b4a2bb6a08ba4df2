// Serial, identity, generated and defaulted columns on every write path of PostgreSQL.
import {
  type AnyModel,
  type Connection,
  defineModel,
  DuplicateKeyError,
  generatedAs,
  identity,
  QueryError,
  serial,
  serverDefault,
  SQLConnection,
  ValidationError,
} from "@alerce/db-plugins";
import assert from "node:assert/strict";
import { z } from "zod";
import pg from "pg";
import {
  clientConfig,
  freshSchema,
  newestPostgres,
  postgresSettings,
} from "../../support/engines.ts";

/** Registers a test with empty tables on every PostgreSQL. */
function test(
  name: string,
  models: readonly AnyModel[],
  work: (db: Connection) => Promise<void>,
): void {
  for (const engine of newestPostgres) {
    Deno.test({
      name: `${engine.name}: ${name}`,
      sanitizeOps: false,
      sanitizeResources: false,
      async fn() {
        const db = await engine.open(models);
        await db.createDb();
        await work(db);
        assert.deepEqual((await db.createDb({ verify: true })).created, []);
        await db.dropDb();
        await db.close();
      },
    });
  }
}

/** A table with a numbered key and a unique name. */
function numbered(name: string, id: z.ZodType): AnyModel {
  return defineModel(name, {
    fields: z.object({ id, name: z.string(), note: z.string().nullable() }),
    primaryKey: ["id"],
    unique: [["name"]],
  });
}

/** A table with a second key that the server computes: the name without its last letter. */
const Computed = defineModel("computed", {
  fields: z.object({
    id: z.int32(),
    name: z.string(),
    stem: generatedAs(z.string(), "left(name, -1)"),
  }),
  primaryKey: ["id"],
  unique: [["stem"]],
});

const NUMBERED: readonly AnyModel[] = [
  numbered("a_serial", serial(z.int64())),
  numbered("a_small", z.int64().meta({ sqlType: "smallserial" })),
  numbered("a_default", identity(z.int64())),
  numbered("an_always", identity(z.int64(), { always: true })),
  numbered(
    "a_spelled",
    z.int64().meta({
      sqlType: "bigint generated always as identity",
    }),
  ),
];

test(
  "a number is left to the sequence, or used if it is given",
  NUMBERED,
  async (db) => {
    for (const Model of NUMBERED) {
      const query = db.query(Model);
      const first = await query.insert({ name: "a" });
      assert.deepEqual({ ...first }, { id: 1n, name: "a", note: null });
      assert.equal((await query.insert({ id: 50n, name: "b" })).id, 50n);
      assert.deepEqual(
        await query.bulkInsert([
          { name: "c" },
          { id: 60n, name: "d" },
          { name: "a" },
          { name: "e", note: "x" },
        ]),
        { inserted: 3, ignored: 1 },
      );
      const [created, isNew] = await query.getOrCreate({
        filterBy: { name: "f" },
      });
      assert.equal(isNew, true);
      assert.ok(created.id > 2n && created.id < 50n);
      const [given] = await query.getOrCreate({
        filterBy: { id: 70n },
        name: "g",
      });
      assert.equal(given.id, 70n);
      assert.deepEqual(
        await query.bulkUpsert(
          [{ name: "a", note: "y" }, { name: "h" }, { id: 80n, name: "i" }],
          { conflict: ["name"] },
        ),
        { inserted: 2, updated: 1, unchanged: 0 },
      );
      const rows = await query.findAll({ orderBy: { name: "asc" } });
      assert.deepEqual(
        rows.map(({ name, note }) => name + (note ?? "")),
        ["ay", "b", "c", "d", "ex", "f", "g", "h", "i"],
      );
      assert.equal(new Set(rows.map(({ id }) => id)).size, 9);
      assert.equal(rows[8]?.id, 80n);
      // Rows that were read keep their numbers in upserts and updates by key.
      const changed = rows.map((row) => ({ ...row, note: "z" }));
      assert.deepEqual(
        await query.bulkUpsert(changed),
        { inserted: 0, updated: 9, unchanged: 0 },
      );
      assert.deepEqual(
        await query.bulkUpdate(changed.map((row) => ({ ...row, note: null }))),
        { updated: 9, missing: 0 },
      );
      const [row] = rows;
      assert.ok(row);
      query.update(row, { note: "w" });
      assert.deepEqual(await db.session.commit(), { updated: 1, deleted: 0 });
      assert.deepEqual(
        (await query.findAll({ orderBy: { name: "asc" } })).map(({ id }) => id),
        rows.map(({ id }) => id),
      );
    }
  },
);

test(
  "an upsert by a unique key never changes an identity GENERATED ALWAYS",
  NUMBERED,
  async (db) => {
    const Always = NUMBERED.find(({ name }) => name === "an_always");
    assert.ok(Always);
    const query = db.query(Always);
    await query.insert({ name: "a" });
    const counts = await query.bulkUpsert(
      [{ id: 9n, name: "a", note: "x" }, { id: 10n, name: "b" }],
      { conflict: ["name"] },
    );
    assert.deepEqual(counts, { inserted: 1, updated: 1, unchanged: 0 });
    const rows = await query.findAll({ orderBy: { name: "asc" } });
    assert.deepEqual(rows.map(({ id, note }) => [id, note]), [[1n, "x"], [
      10n,
      null,
    ]]);
    const key = { conflict: ["name"] as const };
    const refused: readonly (readonly [() => Promise<unknown>, RegExp])[] = [
      [
        () => query.updateAll({ filterBy: {}, set: { id: 3n } }),
        /^Cannot update an_always: id is an identity GENERATED ALWAYS/,
      ],
      [
        () => query.bulkUpdate([[{ name: "a" }, { id: 3n }]]),
        /^Cannot update an_always: id is an identity GENERATED ALWAYS/,
      ],
      [
        () => query.bulkUpsert([], { ...key, update: ["id"] }),
        /^Cannot upsert an_always: update cannot name id/,
      ],
      [
        () => query.bulkUpsert([], { ...key, prefer: ["id"] }),
        /^Cannot upsert an_always: prefer cannot name id/,
      ],
      [
        () => query.bulkUpsert([], { ...key, merge: { id: "greatest" } }),
        /^Cannot upsert an_always: merge cannot name id: it is an identity GENERATED ALWAYS/,
      ],
    ];
    for (const [call, reason] of refused) {
      await assert.rejects(
        call,
        (error) => error instanceof QueryError && reason.test(error.message),
      );
    }
  },
);

const Night = defineModel("night", {
  fields: z.object({
    night: z.int32(),
    number: serial(z.int32()),
    mag: z.float64().nullable(),
  }),
  primaryKey: ["night", "number"],
});

test("a number can be a part of a key", [Night], async (db) => {
  const query = db.query(Night);
  assert.deepEqual(
    await query.bulkInsert([{ night: 1 }, { night: 1 }, {
      night: 2,
      number: 1,
    }]),
    { inserted: 3, ignored: 0 },
  );
  assert.equal(
    await query.count({ filterBy: { night: 1, number: [1, 2] } }),
    2,
  );
  const [row] = await query.getOrCreate({ filterBy: { night: 2, number: 1 } });
  assert.equal(row.mag, null);
  await assert.rejects(
    query.bulkUpsert([{ night: 1, number: 1, mag: 2 }, { mag: 1 } as never]),
    (error) =>
      error instanceof ValidationError &&
      error.message ===
        "Cannot write night row 1: night is required. No row was written",
  );
});

const Key = defineModel("key", {
  fields: z.object({
    id: serverDefault(z.uuid(), "gen_random_uuid()"),
    made: serverDefault(z.date(), "now()"),
    note: z.string().nullable(),
  }),
  primaryKey: ["id"],
});

test("a default of the server can be the primary key", [Key], async (db) => {
  const query = db.query(Key);
  const row = await query.insert({});
  assert.match(row.id, /^[0-9a-f-]{36}$/);
  assert.ok(Math.abs(row.made.getTime() - Date.now()) < 3_600_000);
  const id = "0b5e6f1a-2c3d-4e5f-8a9b-0c1d2e3f4a5b";
  assert.deepEqual(
    await query.bulkInsert([{ note: "a" }, {}, { id }, { note: "b", id }]),
    { inserted: 3, ignored: 1 },
  );
  assert.deepEqual(
    await query.bulkUpsert([{ ...row, note: "c" }, { id, note: "d" }]),
    { inserted: 0, updated: 2, unchanged: 0 },
  );
  const [found, created] = await query.getOrCreate({ filterBy: { id } });
  assert.deepEqual([found.note, created], ["d", false]);
});

const Ticket = defineModel("ticket", {
  fields: z.object({
    id: identity(z.int32()),
    made: serverDefault(z.date(), "now()"),
  }),
  primaryKey: ["id"],
});

test(
  "a row without any value is inserted, alone and in bulk",
  [Ticket],
  async (db) => {
    const query = db.query(Ticket);
    const ids = async (): Promise<number[]> =>
      (await query.findAll({ orderBy: { id: "asc" } })).map(({ id }) => id);
    assert.equal((await query.insert({})).id, 1);
    assert.deepEqual(await query.bulkInsert([{}, {}]), {
      inserted: 2,
      ignored: 0,
    });
    assert.deepEqual(
      await query.bulkInsert([{}, { id: 9 }, {}], { onConflict: "error" }),
      { inserted: 3, ignored: 0 },
    );
    assert.deepEqual(await ids(), [1, 2, 3, 4, 5, 9]);
    const many = Array.from({ length: 1_000 }, () => ({}));
    await query.deleteAll({ filterBy: { id: 9 } });
    assert.deepEqual(await query.bulkInsert(many), {
      inserted: 1_000,
      ignored: 0,
    });
    assert.equal(await query.count(), 1_005);
  },
);

const Token = defineModel("token", {
  fields: z.object({
    name: z.string(),
    state: serverDefault(z.string(), "'new'"),
    id: serverDefault(z.uuid(), "gen_random_uuid()"),
    tries: z.int32().nullable(),
  }),
  primaryKey: ["id"],
  unique: [["name", "state"]],
});

test(
  "an upsert inserts rows that leave their key to the server",
  [Token, Night, ...NUMBERED],
  async (db) => {
    for (const Model of NUMBERED) {
      const query = db.query(Model);
      const { id } = await query.insert({ name: "old" });
      assert.deepEqual(
        await query.bulkUpsert([
          { name: "a", note: "x" },
          { id, name: "old", note: "changed" },
          { name: "b" },
          { id: 50n, name: "c" },
        ]),
        { inserted: 3, updated: 1, unchanged: 0 },
      );
      const rows = await query.findAll({ orderBy: { name: "asc" } });
      assert.deepEqual(
        rows.map(({ id, name, note }) => [id, name, note]),
        [[2n, "a", "x"], [3n, "b", null], [50n, "c", null], [
          1n,
          "old",
          "changed",
        ]],
      );
      await assert.rejects(
        query.bulkUpsert([{ name: "a" }]),
        DuplicateKeyError,
      );
    }
    const nights = db.query(Night);
    assert.deepEqual(
      await nights.bulkUpsert([{ night: 1, mag: 1 }, { night: 1, mag: 1 }]),
      { inserted: 2, updated: 0, unchanged: 0 },
    );
    const tokens = db.query(Token);
    assert.deepEqual(
      await tokens.bulkUpsert([{ name: "a" }, { name: "b", tries: 1 }]),
      { inserted: 2, updated: 0, unchanged: 0 },
    );
  },
);

test(
  "an upsert finds rows by the default of a key field that they omit",
  [Token],
  async (db) => {
    const query = db.query(Token);
    await query.insert({ name: "a", tries: 1 });
    assert.deepEqual(
      await query.bulkUpsert([
        { name: "a", tries: 2 },
        { name: "b", tries: 1 },
        { name: "b", state: "new", tries: 3 },
        { name: "b", tries: 4 },
        { name: "a", state: "old", tries: 5 },
      ], { conflict: ["name", "state"] }),
      { inserted: 2, updated: 3, unchanged: 0 },
    );
    const rows = await query.findAll({
      orderBy: { name: "asc", state: "asc" },
    });
    assert.deepEqual(
      rows.map(({ name, state, tries }) => [name, state, tries]),
      [["a", "new", 2], ["a", "old", 5], ["b", "new", 4]],
    );
  },
);

test(
  "a number that another row has is an error with advice, never an ignored row",
  [Ticket, Night, ...NUMBERED],
  async (db) => {
    const query = db.query(Ticket);
    await query.bulkInsert([1, 2, 3, 4].map((id) => ({ id })));
    const advice =
      /the next number of the sequence of id belongs to an existing row.* SELECT setval\(pg_get_serial_sequence\('ticket', 'id'\), greatest\(/;
    const calls: readonly (() => Promise<unknown>)[] = [
      () => query.insert({}),
      () => query.bulkInsert([{}]),
      () => query.bulkInsert([{}], { onConflict: "error" }),
    ];
    for (const call of calls) {
      await assert.rejects(call, (error) => {
        assert.ok(error instanceof DuplicateKeyError);
        assert.match(error.message, advice);
        assert.deepEqual(error.fields, ["id"]);
        return true;
      });
    }
    assert.equal(await query.count(), 4);
    const names = db.query(NUMBERED[0] ?? Ticket);
    await names.bulkInsert(
      Array.from({ length: 50 }, (_, index) => ({
        id: BigInt(index + 1),
        name: `${index + 1}`,
      })),
    );
    // A row with an existing name is ignored; the other one would be lost.
    await assert.rejects(
      names.bulkInsert([{ name: "2" }, { name: "new" }]),
      /Cannot insert 1 rows into a_serial, although no row has their keys/,
    );
    assert.deepEqual(
      await names.bulkInsert([{ name: "2" }, { name: "3" }]),
      { inserted: 0, ignored: 2 },
    );
  },
);

const Flux = defineModel("flux", {
  fields: z.object({
    id: z.int32(),
    name: z.string(),
    mag: z.float64(),
    twice: generatedAs(z.float64().nullable(), "mag * 2"),
    lower: generatedAs(z.string().nullable(), "lower(name)"),
    day: generatedAs(
      z.date().nullable().meta({ sqlType: "date" }),
      "date '2020-01-01' + id",
    ),
    object: generatedAs(z.json(), `'{"a": 1}'::jsonb`),
  }),
  primaryKey: ["id"],
  unique: [["lower"]],
});

test(
  "a generated column is left out of every write, and returned",
  [Flux],
  async (db) => {
    const query = db.query(Flux);
    const row = await query.insert({ id: 1, name: "A", mag: 2, twice: 99 });
    assert.deepEqual({ ...row }, {
      id: 1,
      name: "A",
      mag: 2,
      twice: 4,
      lower: "a",
      day: new Date("2020-01-02"),
      object: { a: 1 },
    });
    const [created] = await query.getOrCreate({
      filterBy: { id: 2 },
      name: "B",
      mag: 3,
      twice: 1,
    });
    assert.equal(created.twice, 6);
    assert.deepEqual(
      await query.bulkInsert([
        { id: 3, name: "C", mag: 1 },
        { id: 4, name: "D", mag: 1, twice: 7, lower: "x" },
      ]),
      { inserted: 2, ignored: 0 },
    );
    const rows = await query.findAll({ orderBy: { id: "asc" } });
    const changed = rows.map((row) => ({ ...row, mag: 10 }));
    assert.deepEqual(
      await query.bulkUpsert(changed),
      { inserted: 0, updated: 4, unchanged: 0 },
    );
    assert.deepEqual(
      await query.bulkUpsert(changed),
      { inserted: 0, updated: 0, unchanged: 4 },
    );
    assert.deepEqual(
      await query.bulkUpdate(rows),
      { updated: 4, missing: 0 },
    );
    query.update(row, { mag: 20 });
    await db.session.commit();
    await query.updateAll({ filterBy: { id: 2 }, set: { mag: 30 } });
    const after = await query.findAll({ orderBy: { id: "asc" } });
    assert.deepEqual(after.map(({ twice }) => twice), [40, 60, 2, 2]);
  },
);

test(
  "an update that sets a generated column is refused",
  [Flux],
  async (db) => {
    const query = db.query(Flux);
    const row = await query.insert({ id: 1, name: "A", mag: 2 });
    const text =
      "twice is a generated column, whose values the server computes";
    const refused: readonly (readonly [() => unknown, string])[] = [
      [
        () => query.updateAll({ filterBy: {}, set: { twice: 1 } }),
        `Cannot update flux: ${text}`,
      ],
      [() => query.update(row, { twice: 1 }), `Cannot update flux: ${text}`],
      [
        () => query.bulkUpdate([[{ id: 1 }, { twice: 1 }]]),
        `Cannot update flux: ${text}`,
      ],
      [
        () => query.bulkUpsert([], { update: ["twice"] }),
        `Cannot upsert flux: update cannot name twice: it is a generated column, whose values the server computes`,
      ],
      [
        () => query.bulkUpsert([], { prefer: ["twice"] }),
        `Cannot upsert flux: prefer cannot name twice: it is a generated column, whose values the server computes`,
      ],
      [
        () => query.bulkUpsert([], { conflict: ["lower"] }),
        `Cannot upsert flux: conflict cannot name lower: it is a generated column, whose values the server computes`,
      ],
    ];
    for (const [call, message] of refused) {
      await assert.rejects(
        async () => await call(),
        { name: "QueryError", message },
      );
    }
    assert.equal(row.twice, 4);
  },
);

test(
  "a generated column can be a unique key: the first of equal rows is inserted",
  [Flux],
  async (db) => {
    const query = db.query(Flux);
    await query.insert({ id: 50, name: "Old", mag: 0 });
    assert.deepEqual(
      await query.bulkInsert([
        { id: 2, name: "X", mag: 1 },
        { id: 1, name: "x", mag: 2 },
        { id: 3, name: "OLD", mag: 3 },
      ]),
      { inserted: 1, ignored: 2 },
    );
    assert.equal((await query.findOne({ filterBy: { lower: "x" } }))?.id, 2);
    const [found, isNew] = await query.getOrCreate({
      filterBy: { lower: "x" },
      id: 9,
      name: "X",
      mag: 1,
    });
    assert.deepEqual([found.id, isNew], [2, false]);
    const [created] = await query.getOrCreate({
      filterBy: { lower: "y" },
      id: 9,
      name: "Y",
      mag: 1,
    });
    assert.deepEqual([created.id, created.lower], [9, "y"]);
  },
);

const Dated = defineModel("dated", {
  fields: z.object({
    name: z.string(),
    upper: generatedAs(z.string(), "upper(name)"),
    mag: z.float64().nullable(),
  }),
  primaryKey: ["upper"],
});

test(
  "a generated column can be the primary key: updates and deletes find its rows",
  [Dated],
  async (db) => {
    const query = db.query(Dated);
    await query.bulkInsert([{ name: "a" }, { name: "b" }, { name: "c" }]);
    const rows = await query.findAll({ orderBy: { upper: "asc" } });
    assert.deepEqual(
      await query.bulkUpdate(
        rows.map((row, index) => ({ ...row, mag: index })),
      ),
      { updated: 3, missing: 0 },
    );
    await assert.rejects(
      query.bulkUpdate([{ upper: 5, mag: 1 } as never]),
      /row 0: upper must be a string/,
    );
    const [first, second] = rows;
    assert.ok(first && second);
    query.update(first, { mag: 7 });
    query.delete(second);
    assert.deepEqual(await db.session.commit(), { updated: 1, deleted: 1 });
    const left = await query.findAll({ orderBy: { upper: "asc" } });
    assert.deepEqual(left.map(({ upper, mag }) => [upper, mag]), [["A", 7], [
      "C",
      2,
    ]]);
  },
);

const Kind = defineModel("kind", {
  fields: z.object({
    id: identity(z.int32(), { always: true }),
    name: z.string(),
  }),
  primaryKey: ["id"],
  unique: [["name"]],
  seed: [{ name: "late" }, { id: 1, name: "SN" }, { id: 2, name: "AGN" }],
});

test(
  "createDb advances a new sequence beyond the seed rows",
  [Kind],
  async (db) => {
    const query = db.query(Kind);
    const rows = await query.findAll({ orderBy: { id: "asc" } });
    assert.deepEqual(rows.map(({ name }) => name), ["SN", "AGN", "late"]);
    assert.ok((await query.insert({ name: "new" })).id > 3);
    await db.createDb();
    assert.equal(await query.count(), 4);
  },
);

test(
  "an upsert by another key keeps the identity of each row",
  [Kind],
  async (db) => {
    const query = db.query(Kind);
    assert.deepEqual(
      await query.bulkUpsert(
        [{ id: 90, name: "SN" }, { id: 91, name: "TDE" }],
        {
          conflict: ["name"],
        },
      ),
      { inserted: 1, updated: 0, unchanged: 1 },
    );
    const rows = await query.findAll({ filterBy: { name: ["SN", "TDE"] } });
    assert.deepEqual(
      rows.map(({ id, name }) => [id, name]).toSorted(),
      [[1, "SN"], [91, "TDE"]],
    );
  },
);

Deno.test("a missing privilege on a sequence is an error that names the GRANT, and an identity needs none", async () => {
  const [Serial, , Identity] = NUMBERED;
  assert.ok(Serial && Identity);
  const schema = freshSchema();
  const owner = new SQLConnection({ models: [Serial, Identity] });
  await owner.connect({ ...postgresSettings(), SCHEMA: schema });
  await owner.createDb();
  const client = new pg.Client(clientConfig());
  await client.connect();
  const role = `r_${schema}`;
  await client.query(`create role ${role} login password 'p'`);
  await client.query(`grant usage on schema ${schema} to ${role}`);
  await client.query(
    `grant select, insert on all tables in schema ${schema} to ${role}`,
  );
  const db = new SQLConnection({ models: [Serial, Identity] });
  await db.connect({
    ...postgresSettings(),
    USER: role,
    PASSWORD: "p",
    SCHEMA: schema,
  });
  const calls = [
    () => db.query(Serial).insert({ name: "a" }),
    () => db.query(Serial).bulkInsert([{ name: "a" }]),
    () => db.query(Serial).getOrCreate({ filterBy: { name: "a" } }),
    () => db.query(Serial).bulkUpsert([{ name: "a" }], { conflict: ["name"] }),
  ];
  await client.query(
    `grant update on all tables in schema ${schema} to ${role}`,
  );
  for (const call of calls) {
    await assert.rejects(call, {
      name: "DatabaseError",
      code: "42501",
      message:
        `Cannot run the statement: permission denied for sequence a_serial_id_seq. The role ${role} lacks USAGE on sequence ${schema}.a_serial_id_seq: its owner, postgres, can run GRANT USAGE ON SEQUENCE ${schema}.a_serial_id_seq TO ${role}`,
    });
  }
  assert.equal((await db.query(Identity).insert({ name: "a" })).id, 1n);
  await client.query(
    `grant usage on sequence ${schema}.a_serial_id_seq to ${role}`,
  );
  assert.equal((await db.query(Serial).insert({ name: "a" })).id, 1n);
  await db.close();
  await owner.dropDb();
  await owner.close();
  await client.query(`drop schema ${schema} cascade; drop role ${role}`);
  await client.end();
});

Deno.test("a row that a trigger discards is an error of insert", async () => {
  const schema = freshSchema();
  const db = new SQLConnection({ models: [Ticket] });
  await db.connect({ ...postgresSettings(), SCHEMA: schema });
  await db.createDb();
  const client = new pg.Client(clientConfig());
  await client.connect();
  await client.query(
    `create function ${schema}.skip() returns trigger language plpgsql as 'begin return null; end';
     create trigger skip before insert on ${schema}.ticket for each row execute function ${schema}.skip()`,
  );
  await assert.rejects(db.query(Ticket).insert({ id: 1 }), {
    name: "DiscardedRowError",
    message:
      "Cannot create ticket: the database kept no row in ticket: a trigger or rule of the table discarded it, wrote it elsewhere, or changed its key to that of another row",
  });
  assert.equal(await db.query(Ticket).count(), 0);
  await db.close();
  await client.query(`drop schema ${schema} cascade`);
  await client.end();
});

test(
  "bulkInsert writes the first of rows that share a key that the server computes",
  [Computed],
  async (db) => {
    const query = db.query(Computed);
    await query.bulkInsert([{ id: 1, name: "ab" }]);
    const rows = Array.from({ length: 300 }, (_, at) => ({
      id: 1_000 - at,
      name: `${at >> 1}${"AB"[at % 2]}`,
    }));
    // Not alone, so that the rows are staged.
    assert.deepEqual(
      await query.bulkInsert([{ id: 1, name: "again" }, ...rows]),
      { inserted: 150, ignored: 151 },
    );
    const stored = await query.findAll({
      filterBy: { id: { gt: 1 } },
      orderBy: { id: "desc" },
    });
    assert.deepEqual(
      stored.map((row) => Reflect.get(row, "id")),
      rows.filter((_, at) => at % 2 === 0).map(({ id }) => id),
    );
  },
);
