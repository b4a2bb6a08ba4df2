// The types of the public API: results and compile errors. `deno test` checks types; the functions below are never called.
import {
  type AnyModel,
  type Connection,
  createWriter,
  defineModel,
  generatedAs,
  greatest,
  identity,
  ifNull,
  increment,
  type InsertOf,
  least,
  type MongoConnection,
  type Pagination,
  type Query,
  rowFilter,
  type RowOf,
  type RowWith,
  serial,
  serverDefault,
  type Session,
  SQLConnection,
  type Transaction,
} from "@alerce/db-plugins";
import {
  AstroObject,
  type AstroObjectRow,
  Detection,
  type DetectionInsert,
  type DetectionRow,
  type NonDetectionRow,
} from "@alerce/db-plugins/models";
import { z } from "zod";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends
  (<T>() => T extends B ? 1 : 2) ? true : false;

function is<_T extends true>(): void {}

const Own = defineModel("own", {
  fields: z.object({
    id: z.int64(),
    kind: z.enum(["a", "b"]),
    mag: z.float64().nullable(),
    note: z.string().optional(),
    seen: z.date().default(() => new Date(0)),
  }),
  primaryKey: ["id"],
  relations: {
    parent: { kind: "one", model: "own", on: { id: "id" } },
    children: { kind: "many", model: "own", on: { id: "id" } },
  },
});

const Filled = defineModel("filled", {
  fields: z.object({
    id: identity(z.int64(), { always: true }),
    number: serial(z.int32()),
    made: serverDefault(z.date(), "now()"),
    state: serverDefault(z.string().nullable(), "'new'"),
    name: z.string(),
    length: generatedAs(z.int32(), "length(name)"),
    written: z.int32().meta({ sqlDefault: "7" }),
    maybe: z.date().meta({ sqlDefault: "now()" }).optional(),
  }),
  primaryKey: ["id"],
});

const Telescope = defineModel("telescope", {
  fields: z.object({ id: z.int32(), name: z.string() }),
  primaryKey: ["id"],
  relations: {
    sources: { kind: "many", model: "source", on: { id: "telescope_id" } },
  },
});

const Source = defineModel("source", {
  fields: z.object({
    candid: z.int64(),
    oid: z.string(),
    telescope_id: z.int32().nullable(),
  }),
  primaryKey: ["candid"],
  relations: {
    telescope: { kind: "one", model: "telescope", on: { telescope_id: "id" } },
    object: { kind: "one", model: "object", on: { oid: "oid" } },
    unknown: { kind: "many", model: "elsewhere", on: { oid: "oid" } },
  },
});

const MODELS = [Telescope, Source, AstroObject] as const;

function writers(
  db: SQLConnection<typeof MODELS>,
  mongo: MongoConnection,
  tx: Transaction<typeof MODELS>,
): void {
  for (const target of [db, mongo, tx, db.use(rowFilter(() => ({})))]) {
    const writer = createWriter(target, { maxRows: 5 });
    writer.insert(Telescope, [{ id: 1, name: "a" }]);
    writer.upsert(Telescope, [{ id: 1 }], {
      conflict: ["id"],
      merge: { name: "keep", "*": "replace" },
    });
    // @ts-expect-error an unknown field
    writer.insert(Telescope, [{ id: 1, nmae: "a" }]);
    // @ts-expect-error a missing field
    writer.insert(Telescope, [{ id: 1 }]);
    // @ts-expect-error a value of another type
    writer.upsert(Telescope, [{ id: "1" }]);
    // @ts-expect-error an unknown field in an option
    writer.upsert(Telescope, [{ id: 1 }], { prefer: ["nmae"] });
    // @ts-expect-error an unknown rule
    writer.upsert(Telescope, [{ id: 1 }], { merge: { name: "max" } });
    // @ts-expect-error an unknown option
    writer.insert(Telescope, [], { onConflit: "error" });
  }
  // @ts-expect-error an unknown option
  createWriter(db, { maxRow: 5 });
  // @ts-expect-error not a connection
  createWriter({});
  // @ts-expect-error middleware returns a promise
  db.use(() => 5);
}
void writers;

async function included(
  db: SQLConnection<typeof MODELS>,
  mongo: MongoConnection<typeof MODELS>,
  any: Connection,
): Promise<void> {
  type TelescopeRow = RowOf<typeof Telescope>;
  type SourceRow = RowOf<typeof Source>;
  const sources = await db.query(Source).findAll({
    include: ["telescope", "object"],
  });
  is<Equal<(typeof sources)[number]["telescope"], TelescopeRow | null>>();
  is<Equal<(typeof sources)[number]["object"], AstroObjectRow | null>>();
  // @ts-expect-error a relation that was not included
  void sources[0]?.unknown;
  // @ts-expect-error an unknown field of an included row
  void sources[0]?.telescope?.nmae;

  const page = await db.query(Telescope).find({ include: { sources: true } });
  is<Equal<(typeof page.items)[number]["sources"], SourceRow[]>>();
  const one = await db.query(Source).findOne({
    filterBy: { candid: 1n },
    include: { telescope: true },
  });
  is<Equal<NonNullable<typeof one>["telescope"], TelescopeRow | null>>();
  const first = await db.query(Source).first({
    select: ["oid"],
    include: { telescope: true },
  });
  is<Equal<NonNullable<typeof first>["telescope"], TelescopeRow | null>>();
  // @ts-expect-error a field that was not selected
  void first?.candid;
  for await (const row of db.query(Source).stream({ include: ["object"] })) {
    is<Equal<typeof row["object"], AstroObjectRow | null>>();
  }
  const unbound = await db.query().findAll({
    model: Telescope,
    include: ["sources"],
  });
  is<Equal<(typeof unbound)[number]["sources"], SourceRow[]>>();
  const documents = await mongo.query(Telescope).findAll({
    include: { sources: true },
  });
  is<Equal<(typeof documents)[number]["sources"], SourceRow[]>>();
  await db.transaction(async (tx) => {
    const rows = await tx.query(Telescope).findAll({ include: ["sources"] });
    is<Equal<(typeof rows)[number]["sources"], SourceRow[]>>();
    await tx.transaction(async (inner) => {
      const nested = await inner.query(Source).first({
        include: ["telescope"],
      });
      is<
        Equal<NonNullable<typeof nested>["telescope"], TelescopeRow | null>
      >();
    });
    inAnyTransaction(tx);
  });

  // A model refers to itself on every connection; other models must be known.
  const own = await any.query(Own).findAll({ include: ["children", "parent"] });
  is<Equal<(typeof own)[number]["children"], RowOf<typeof Own>[]>>();
  is<Equal<(typeof own)[number]["parent"], RowOf<typeof Own> | null>>();
  const known = await any.query(Source).first({ include: ["telescope"] });
  const name = known?.telescope?.name;
  is<Equal<typeof name, unknown>>();
  const missing = await db.query(Source).findAll({ include: ["unknown"] });
  is<Equal<(typeof missing)[number]["unknown"][number]["mjd"], unknown>>();

  // Functions can name the rows, the queries and the connection.
  const withTelescope: RowWith<
    typeof Source,
    { telescope: true },
    typeof MODELS
  >[] = sources;
  const names: RowWith<typeof Source, "telescope" | "object", typeof MODELS>[] =
    sources;
  is<
    Equal<
      (typeof names)[number]["telescope"] | undefined,
      TelescopeRow | null | undefined
    >
  >();
  const objects: RowWith<typeof AstroObject, { detections: true }>[] = await db
    .query(AstroObject).findAll({ include: { detections: true } });
  is<Equal<(typeof objects)[number]["detections"], DetectionRow[]>>();
  const [plain] = await db.query(Source).findAll();
  // @ts-expect-error a row whose relation was not included
  const without: RowWith<typeof Source, "telescope"> | undefined = plain;
  // @ts-expect-error an unknown relation
  type Misspelled = RowWith<typeof Source, "telescpe", typeof MODELS>;
  // @ts-expect-error an unknown relation
  type AlsoMisspelled = RowWith<typeof Source, { telescpe: true }>;
  const query: Query<typeof Telescope> = db.query(Telescope);
  const connection: Connection = db;
  void [withTelescope, without, query, connection];
  const types: [Misspelled, AlsoMisspelled] | undefined = undefined;
  void types;
  // @ts-expect-error an unknown relation
  await db.query(Source).findAll({ include: { telescpe: true } });
  // @ts-expect-error a value that is neither true nor options
  await db.query(Source).findAll({ include: { telescope: false } });
  await nestedIncludes(db, any);
  const generic = await rowsOf(db, Source);
  is<Equal<typeof generic, RowOf<typeof Source>[]>>();
}

async function nestedIncludes(
  db: SQLConnection<typeof MODELS>,
  any: Connection,
): Promise<void> {
  const telescopes = db.query(Telescope);
  const nested = await telescopes.findAll({
    select: ["name"],
    include: {
      sources: {
        filterBy: { oid: { like: "ZTF%" }, or: [{ telescope_id: null }] },
        orderBy: { candid: "desc" },
        limit: 5,
        select: ["oid"],
        include: {
          object: { select: ["ndet"] },
          telescope: { include: ["sources"] },
        },
      },
    },
    counts: ["sources"],
  });
  is<
    Equal<(typeof nested)[number], {
      name: string;
      sources: {
        oid: string;
        object: { ndet: number | null } | null;
        telescope: {
          id: number;
          name: string;
          sources: RowOf<typeof Source>[];
        } | null;
      }[];
      counts: { sources: number };
    }>
  >();
  const counted = await telescopes.findOne({
    filterBy: { id: 1 },
    counts: { sources: { filterBy: { oid: "a" } } },
  });
  is<Equal<NonNullable<typeof counted>["counts"], { sources: number }>>();
  const named: RowWith<
    typeof Telescope,
    { sources: { select: ["oid"]; include: ["object"] } },
    typeof MODELS
  >[] = [];
  is<
    Equal<(typeof named)[number]["sources"], {
      oid: string;
      object: AstroObjectRow | null;
    }[]>
  >();
  // Rows of models that the type of the connection does not contain.
  const [unknown] = await any.query(Source).findAll({
    include: {
      telescope: { select: ["name"], include: { sources: { limit: 1 } } },
    },
  });
  const sources = unknown?.telescope?.sources;
  is<Equal<typeof sources, unknown>>();

  // @ts-expect-error an unknown option
  await telescopes.findAll({ include: { sources: { limit: 1, limt: 1 } } });
  await telescopes.findAll({
    // @ts-expect-error an unknown field in a selection
    include: { sources: { select: ["iod"] } },
  });
  await telescopes.findAll({
    // @ts-expect-error an unknown field in a filter
    include: { sources: { filterBy: { oid: "a", iod: "b" } } },
  });
  await telescopes.findAll({
    // @ts-expect-error an unknown operator in a filter in a filter
    include: { sources: { filterBy: { and: [{ oid: { eq: "a", qe: "" } }] } } },
  });
  await telescopes.findAll({
    // @ts-expect-error an unknown field in an order
    include: { sources: { orderBy: { oid: "asc", iod: "asc" } } },
  });
  await telescopes.findAll({
    // @ts-expect-error a limit that is not a number
    include: { sources: { limit: "1" } },
  });
  await telescopes.findAll({
    // @ts-expect-error an unknown relation of a relation
    include: { sources: { include: { objects: true } } },
  });
  await telescopes.findAll({
    // @ts-expect-error an unknown relation in a list of a relation
    include: { sources: { include: ["objects"] } },
  });
  await db.query(Source).findAll({
    // @ts-expect-error a limit on a relation to one row
    include: { telescope: { select: ["id"], limit: 1 } },
  });
  const deep = { limit: 1, ofset: 1 };
  await telescopes.findAll({
    include: {
      // @ts-expect-error an unknown option four levels deep
      sources: { include: { telescope: { include: { sources: deep } } } },
    },
  });
  // @ts-expect-error an unknown relation in counts
  await telescopes.findAll({ counts: ["source"] });
  await telescopes.findAll({
    // @ts-expect-error an unknown field in the filter of a count
    counts: { sources: { filterBy: { oid: "a", iod: "b" } } },
  });
  // @ts-expect-error a count that was not requested
  void (await telescopes.first({ counts: ["sources"] }))?.counts.source;
}

function inAnyTransaction(_tx: Transaction): void {}

const Frame = defineModel("frame", {
  fields: z.object({
    id: z.int32(),
    name: z.string(),
    bands: z.array(z.string()),
    meta: z.object({ seeing: z.number() }).nullable(),
    any: z.json(),
  }),
  primaryKey: ["id"],
});

async function filteredByParts(query: Query<typeof Frame>): Promise<void> {
  await query.count({
    filterBy: {
      name: { startsWith: "a", endsWith: "b", ilike: "%c%" },
      bands: { containsAny: ["g"], isEmpty: false },
      meta: { path: ["seeing"], lt: 2.5 },
      any: { path: ["a", 0], in: [1, "x", null] },
    },
  });
  await query.count({ filterBy: { meta: { seeing: 1 } } });
  // @ts-expect-error a number for a text
  await query.count({ filterBy: { name: { startsWith: 1 } } });
  // @ts-expect-error startsWith on a number
  await query.count({ filterBy: { id: { startsWith: "1" } } });
  // @ts-expect-error a value of another type than the items
  await query.count({ filterBy: { bands: { containsAny: [1] } } });
  // @ts-expect-error isEmpty on a text
  await query.count({ filterBy: { name: { isEmpty: true } } });
  // @ts-expect-error a path of a text
  await query.count({ filterBy: { name: { path: ["a"], eq: 1 } } });
  // @ts-expect-error a path of an array of texts
  await query.count({ filterBy: { bands: { path: [0], eq: "g" } } });
  // @ts-expect-error an unknown comparison
  await query.count({ filterBy: { meta: { path: ["seeing"], gtt: 1 } } });
}

async function filteredByRelations(
  db: SQLConnection<typeof MODELS>,
  any: Connection,
  alerce: SQLConnection,
): Promise<void> {
  const some = { some: { candid: 1n } };
  const telescopes = db.query(Telescope);
  await telescopes.findAll({ filterBy: { sources: some } });
  await telescopes.find({ filterBy: { sources: { none: {}, every: {} } } });
  await telescopes.stream({
    filterBy: { or: [{ name: "x" }, { not: { sources: some } }] },
  });
  await db.query(Source).findAll({
    filterBy: {
      telescope: { is: { name: "x", sources: { some: { oid: "a" } } } },
      object: { isNot: { detections: { some: { fid: 1 } } } },
      unknown: { some: { anything: 1 } },
    },
  });
  await db.query(Source).deleteAll({ filterBy: { object: { is: null } } });
  await db.query(Source).aggregate({
    filterBy: { telescope: { is: { name: "x" } } },
    count: true,
  });
  await db.query().updateAll({
    model: Source,
    filterBy: { telescope: { is: { sources: { none: {} } } } },
    set: { oid: "b" },
  });
  await any.query(Own).count({ filterBy: { children: { some: { id: 1n } } } });
  await alerce.query(AstroObject).count({
    filterBy: { probabilities: { some: { ranking: 1, class_name: "SNIa" } } },
  });
  await db.transaction(async (tx) => {
    await tx.query(Telescope).count({ filterBy: { sources: some } });
  });
  // @ts-expect-error an unknown relation
  await telescopes.count({ filterBy: { sorces: some } });
  // @ts-expect-error an unknown quantifier
  await telescopes.count({ filterBy: { sources: { any: {} } } });
  // @ts-expect-error is on a relation to many rows
  await telescopes.count({ filterBy: { sources: { is: {} } } });
  // @ts-expect-error an unknown field of the related rows
  await telescopes.count({ filterBy: { sources: { some: { cadnid: 1n } } } });
  // @ts-expect-error a value of another type
  await telescopes.count({ filterBy: { sources: { some: { candid: "1" } } } });
  await db.query(Source).count({
    filterBy: {
      // @ts-expect-error an unknown field two relations away
      telescope: { is: { sources: { some: { odi: "a" } } } },
    },
  });
  await db.query(Source).count({
    // @ts-expect-error an unknown relation of a related row
    filterBy: { not: { telescope: { is: { sorces: { some: {} } } } } },
  });
  // @ts-expect-error some on a relation to one row
  await db.query(Source).count({ filterBy: { telescope: { some: {} } } });
  // @ts-expect-error true in place of a filter
  await telescopes.count({ filterBy: { sources: true } });
  await alerce.query(AstroObject).count({
    // @ts-expect-error an unknown field of the related rows
    filterBy: { probabilities: { some: { classname: "SNIa" } } },
  });
  // @ts-expect-error the filter of getOrCreate has no relations
  await telescopes.getOrCreate({ filterBy: { id: 1, sources: some } });
}

async function rowsOf<M extends AnyModel>(
  db: SQLConnection<typeof MODELS>,
  model: M,
): Promise<RowOf<M>[]> {
  const rows: RowOf<M>[] = [];
  for await (const row of db.query(model).stream()) rows.push(row);
  return rows;
}

async function filledByServer(db: SQLConnection): Promise<void> {
  is<
    Equal<RowOf<typeof Filled>, {
      id: bigint;
      number: number;
      made: Date;
      state: string | null;
      name: string;
      length: number;
      written: number;
      maybe: Date | null;
    }>
  >();
  is<Equal<typeof Filled.primaryKey, readonly "id"[]>>();
  // The helpers and .optional() make a field optional in writes; meta alone does not.
  const insert: InsertOf<typeof Filled> = { name: "a", written: 1 };
  const query = db.query(Filled);
  const row = await query.insert({ ...insert, id: 7n, state: null });
  is<Equal<typeof row, RowOf<typeof Filled>>>();
  const unbound = await db.query().insert({ model: Filled, ...insert });
  is<Equal<typeof unbound, RowOf<typeof Filled>>>();
  await query.bulkInsert([insert, { ...insert, id: 8n }]);
  await query.getOrCreate({ filterBy: { id: 1n }, name: "a", written: 1 });
  // @ts-expect-error a missing required field
  await query.insert({ written: 1 });
  // @ts-expect-error a field that only meta says the server fills
  await query.insert({ name: "a" });
  // @ts-expect-error a number for a 64-bit identity
  await query.insert({ ...insert, id: 7 });
  // @ts-expect-error an unknown field
  await query.insert({ ...insert, nmae: "a" });
  // @ts-expect-error a missing required field, with the model in the options
  await db.query().insert({ model: Filled, written: 1 });
}

async function promised(db: SQLConnection, any: Connection): Promise<void> {
  is<Equal<RowOf<typeof Detection>, DetectionRow>>();
  is<Equal<RowOf<typeof Own>["note"], string | null>>();
  is<Equal<RowOf<typeof Own>["kind"], "a" | "b">>();
  is<Equal<typeof Own.primaryKey, readonly "id"[]>>();
  const insert: InsertOf<typeof Own> = { id: 1n, kind: "a" };
  const detection: Pick<DetectionInsert, "candid" | "rb"> = { candid: 1n };

  const rows = await db.query(Detection).findAll({ select: ["candid", "mjd"] });
  is<
    Equal<
      (typeof rows)[number],
      { candid: bigint; mjd: number }
    >
  >();
  const objects = await any.query(AstroObject).findAll({
    include: ["detections", "non_detections"],
  });
  is<Equal<(typeof objects)[number]["detections"], DetectionRow[]>>();
  is<Equal<(typeof objects)[number]["non_detections"], NonDetectionRow[]>>();
  const page = await any.query().find({ model: AstroObject, select: ["oid"] });
  is<Equal<typeof page.items[number]["oid"], string>>();
  const [row, created] = await any.query(AstroObject).getOrCreate({
    filterBy: { oid: "a" },
    ndet: 1,
  });
  is<Equal<typeof row, AstroObjectRow>>();
  is<Equal<typeof created, boolean>>();
  const joined = await db.kysely.selectFrom("detection").innerJoin(
    "object",
    "object.oid",
    "detection.oid",
  )
    .select(["detection.candid", "object.ndet"]).execute();
  is<Equal<typeof joined, { candid: bigint; ndet: number | null }[]>>();
  const selected = await db.query(AstroObject).kysely.where("ndet", ">", 2)
    .execute();
  is<Equal<(typeof selected)[number]["oid"], string>>();
  const both = await db.query(AstroObject).kysely
    .innerJoin("detection", "detection.oid", "object.oid")
    .select("detection.candid").execute();
  is<Equal<(typeof both)[number]["candid"], bigint>>();
  is<Equal<(typeof both)[number]["ndet"], number | null>>();
  const session: Session = any.session;
  const pages: Pagination<AstroObjectRow> = await any.query(AstroObject).find();
  const own = new SQLConnection({ models: [Own] });
  await own.kysely.insertInto("own").values({ id: 1n, kind: "a" }).execute();
  await own.query(Own).findAll({ include: ["children"] });
  void [insert, detection, session, pages];
}

function never(): never {
  throw new Error("never called");
}

async function refused(db: SQLConnection): Promise<void> {
  const query = db.query(AstroObject);
  // @ts-expect-error an unknown field in a filter
  await query.findAll({ filterBy: { ndett: 1 } });
  // @ts-expect-error an unknown operator
  await query.findAll({ filterBy: { ndet: { gtt: 1 } } });
  // @ts-expect-error a value of another type
  await query.findAll({ filterBy: { ndet: "1" } });
  // @ts-expect-error like on a number
  await query.findAll({ filterBy: { ndet: { like: "1%" } } });
  // @ts-expect-error contains on text
  await query.findAll({ filterBy: { oid: { contains: "Z" } } });
  // @ts-expect-error an unknown field inside or
  await query.findAll({ filterBy: { or: [{ ndett: 1 }] } });
  // @ts-expect-error an unknown field in an order
  await query.findAll({ orderBy: { ndett: "asc" } });
  // @ts-expect-error an unknown direction
  await query.findAll({ orderBy: { ndet: "up" } });
  // @ts-expect-error an unknown option
  await query.findAll({ limt: 1 });
  // @ts-expect-error an unknown lock
  await query.findAll({ lock: "updat" });
  // @ts-expect-error an unknown option of a page
  await query.find({ perpage: 1 });
  // @ts-expect-error a text as a limit
  await query.findAll({ limit: "1" });
  // @ts-expect-error an unknown field in a selection
  await query.findAll({ select: ["ndett"] });
  // @ts-expect-error an unknown relation
  await query.findAll({ include: ["detection"] });
  const [row] = await query.findAll({ select: ["oid"] });
  // @ts-expect-error a field that was not selected
  void row?.ndet;
  // @ts-expect-error a relation that was not included
  void (await query.findOne({ filterBy: { oid: "a" } }))?.detections;
  // @ts-expect-error a missing required field
  await db.query(Detection).bulkInsert([{ candid: 1n }]);
  // @ts-expect-error a number for a 64-bit integer
  await db.query(Detection).bulkUpsert([{ candid: 1 }]);
  // @ts-expect-error an unknown field in a row
  await query.bulkInsert([{ oid: "a", ndett: 1 }]);
  // @ts-expect-error an unknown attribute
  await query.getOrCreate({ filterBy: { oid: "a" }, ndett: 1 });
  // @ts-expect-error an unknown attribute in a change
  await query.updateAll({ filterBy: {}, set: { ndett: 1 } });
  // @ts-expect-error an unknown attribute of an instance
  query.update(await query.first() ?? never(), { ndett: 1 });
  // @ts-expect-error an unknown attribute of an instance, with the model of the row
  db.query().update(await query.first() ?? never(), { ndett: 1 });
  // @ts-expect-error an unknown field in a change by key
  await query.bulkUpdate([{ oid: "a", ndett: 1 }]);
  // @ts-expect-error an unknown field in the filter of a change
  await query.bulkUpdate([[{ ndett: 1 }, { ndet: 1 }]]);
  // @ts-expect-error an unknown field to update
  await query.bulkUpsert([], { update: ["ndett"] });
  // @ts-expect-error an unknown field of a key
  await query.bulkUpsert([], { conflict: ["iod"] });
  // @ts-expect-error an unknown relation of one row
  await query.findOne({ filterBy: { oid: "a" }, include: ["detection"] });
  // @ts-expect-error an unknown column in a native select
  query.kysely.where("ndett", ">", 1);
  // @ts-expect-error an unknown column to join by
  query.kysely.innerJoin("detection", "detection.iod", "object.oid");
  // @ts-expect-error a rule for an unknown field
  await query.bulkUpsert([], { merge: { ndett: "least" } });
  // @ts-expect-error an unknown rule
  await query.bulkUpsert([], { merge: { ndet: "lest" } });
  // @ts-expect-error a rule for a field of the primary key
  await query.bulkUpsert([], { merge: { oid: "keep" } });
  await db.query(Own).bulkUpsert([], {
    conflict: ["kind"],
    // @ts-expect-error a rule for a field of the key
    merge: { kind: "keep" },
  });
  await db.query().bulkUpsert([], {
    model: AstroObject,
    // @ts-expect-error a rule for a field of the primary key, with the model of the call
    merge: { oid: "keep" },
  });
  // @ts-expect-error an unknown field to prefer
  await query.bulkUpsert([], { prefer: ["ndett"] });
  // @ts-expect-error an unknown table
  db.kysely.selectFrom("objects");
  // @ts-expect-error a call without a model
  await db.query().findAll({ filterBy: { oid: "a" } });
  // @ts-expect-error a key that is not a field
  defineModel("m", { fields: z.object({ id: z.int64() }), primaryKey: ["di"] });
  // @ts-expect-error a value outside the enum
  await db.query(Own).findAll({ filterBy: { kind: "c" } });
}

Deno.test("the types of the public API compile or fail as declared", () => {
  void [promised, filledByServer, included, refused, aggregates, computed];
  void [filteredByRelations, filteredByParts];
});

async function aggregates(query: Query<typeof Own>): Promise<void> {
  const grouped = await query.aggregate({
    groupBy: ["kind"],
    count: true,
    min: ["mag", "seen"],
    sum: ["id"],
    avg: ["mag"],
  });
  is<
    Equal<(typeof grouped)[number]["min"], { mag: number | null; seen: Date }>
  >();
  is<Equal<(typeof grouped)[number]["kind"], "a" | "b">>();
  is<Equal<(typeof grouped)[number]["count"], number>>();
  is<Equal<(typeof grouped)[number]["sum"], { id: bigint }>>();
  is<Equal<(typeof grouped)[number]["avg"], { mag: number | null }>>();
  const whole = await query.aggregate({ max: ["seen"], sum: ["id"] });
  is<Equal<(typeof whole)[number]["max"], { seen: Date | null }>>();
  is<Equal<(typeof whole)[number]["sum"], { id: bigint | null }>>();
  const counts: Map<"a" | "b", number> = await query.countBy("kind");
  const values: (number | null)[] = await query.distinct("mag");
  void [counts, values];
  // @ts-expect-error no such field
  await query.aggregate({ groupBy: ["kinds"] });
  // @ts-expect-error no such option
  await query.aggregate({ cuont: true, groupBy: ["kind"] });
  // @ts-expect-error no such field in the filter
  await query.aggregate({ count: true, filterBy: { magg: 1 } });
  // @ts-expect-error having compares counts only
  await query.aggregate({ groupBy: ["kind"], having: { sum: { gt: 1 } } });
  // @ts-expect-error no such operator
  await query.aggregate({ groupBy: ["kind"], having: { count: { gtt: 1 } } });
  // @ts-expect-error a field that is no group
  await query.aggregate({ groupBy: ["kind"], orderBy: { mag: "asc" } });
  // @ts-expect-error a text has no sum
  await query.aggregate({ sum: ["kind"] });
  // @ts-expect-error no such field
  await query.distinct("kinds");
}

async function computed<M extends AnyModel>(
  query: Query<typeof Own>,
  any: Query<M>,
  rows: Partial<InsertOf<M>>[],
  db: SQLConnection,
  object: AstroObjectRow,
): Promise<void> {
  await query.updateAll({
    filterBy: {},
    set: { mag: increment(1), kind: greatest("a"), seen: least(new Date()) },
  });
  await query.bulkUpdate([{ id: 1n, mag: greatest(1), note: ifNull("x") }]);
  await query.bulkUpdate([[{ id: 1n }, { mag: increment(1n) }]]);
  await any.bulkUpdate(rows);
  db.query(AstroObject).update(object, { ndet: increment(1) });
  db.query().update(object, { ndet: increment(1), meanra: least(1) });
  const count: number = await query.updateAll({
    filterBy: {},
    set: { mag: 1 },
  });
  const { updated, rows: written } = await query.updateAll({
    filterBy: {},
    set: { mag: 1 },
    returning: ["id", "mag"],
  });
  const { rows: deleted } = await db.query().deleteAll({
    model: AstroObject,
    filterBy: { oid: "a" },
    returning: ["ndet"],
  });
  const ids: bigint[] = written.map(({ id }) => id);
  const ndets: (number | null)[] = deleted.map(({ ndet }) => ndet);
  const plainCounts: { inserted: number; ignored: number } = await query
    .bulkInsert([{ id: 1n, kind: "a" }]);
  // @ts-expect-error no rows without returning
  void plainCounts.rows;
  // @ts-expect-error no rows without returning
  void (await query.bulkInsert([{ id: 1n, kind: "a" }])).rows;
  const { rows: inserted } = await query.bulkInsert([{ id: 1n, kind: "a" }], {
    onConflict: "error",
    returning: ["id", "mag"],
  });
  const { rows: upserted } = await query.bulkUpsert([{ id: 1n, kind: "a" }], {
    conflict: ["id"],
    returning: ["note"],
  });
  const { rows: changed } = await db.query().bulkUpdate(
    [{ oid: "a", ndet: 1 }],
    { model: AstroObject, returning: ["oid", "ndet"] },
  );
  const insertedIds: bigint[] = inserted.map(({ id }) => id);
  const notes: (string | null)[] = upserted.map(({ note }) => note);
  const oids: string[] = changed.map(({ oid }) => oid);
  void [insertedIds, notes, oids];
  // @ts-expect-error a field that is not returned
  void inserted[0]?.note;
  // @ts-expect-error a field that is not returned
  void changed[0]?.mjd;
  // @ts-expect-error an unknown field to return
  await query.bulkInsert([{ id: 1n, kind: "a" }], { returning: ["magg"] });
  // @ts-expect-error an unknown field to return
  await query.bulkUpsert([{ id: 1n, kind: "a" }], { returning: ["magg"] });
  // @ts-expect-error an unknown field to return
  await query.bulkUpdate([{ id: 1n, mag: 1 }], { returning: ["magg"] });
  void [count, updated, ids, ndets];
  // @ts-expect-error a field that is not returned
  void written[0]?.note;
  await query.updateAll({
    filterBy: {},
    set: { mag: 1 },
    // @ts-expect-error an unknown field to return
    returning: ["magg"],
  });
  // @ts-expect-error an unknown field to return
  await query.deleteAll({ filterBy: { id: 1n }, returning: ["idd"] });
  // @ts-expect-error a text has no sum
  await query.updateAll({ filterBy: {}, set: { note: increment(1) } });
  // @ts-expect-error a date has no sum
  await query.bulkUpdate([{ id: 1n, seen: increment(1) }]);
  // @ts-expect-error a value of another type
  await query.updateAll({ filterBy: {}, set: { mag: greatest("1") } });
  // @ts-expect-error a value outside the enum
  await query.updateAll({ filterBy: {}, set: { kind: least("c") } });
  // @ts-expect-error no value
  await query.updateAll({ filterBy: {}, set: { mag: ifNull(null) } });
  // @ts-expect-error a field of the key
  await query.updateAll({ filterBy: {}, set: { id: increment(1) } });
  // @ts-expect-error a forged expression
  await query.updateAll({ filterBy: {}, set: { mag: { $expression: 1 } } });
  // @ts-expect-error an expression in an insert
  await query.insert({ id: 1n, kind: "a", mag: increment(1) });
  // @ts-expect-error an expression in an insert of many rows
  await query.bulkInsert([{ id: 1n, kind: "a", mag: increment(1) }]);
  // @ts-expect-error an expression in an upsert
  await query.bulkUpsert([{ id: 1n, kind: "a", mag: greatest(1) }]);
  const graph = await db.query(AstroObject).insertGraph({
    oid: "a",
    detections: [{ candid: 1n }],
  });
  const mjd: number | undefined = graph.detections?.[0]?.mjd;
  void mjd;
  // @ts-expect-error an unknown field
  await db.query(AstroObject).insertGraph({ oid: "a", ndett: 1 });
  await db.query(AstroObject).insertGraph({
    oid: "a",
    // @ts-expect-error an unknown relation
    detection: [],
  });
  await db.query(AstroObject).insertGraph({
    oid: "a",
    // @ts-expect-error an unknown field of a related row
    detections: [{ candidd: 1n }],
  });
  await db.query(AstroObject).insertGraph({
    oid: "a",
    // @ts-expect-error a value of another type in a related row
    detections: [{ mjd: "1" }],
  });
  // @ts-expect-error an expression in a filter
  await query.findAll({ filterBy: { mag: greatest(1) } });
  // @ts-expect-error an expression in an operator
  await query.findAll({ filterBy: { mag: { gt: increment(1) } } });
}
