// Files are generated from the difference between models and database: proven first, and never without a person's decision.
import { DecisionError } from "@alerce/db-plugins";
import {
  makeMigrations,
  type MakeOptions,
  type MakeReport,
  migrate,
  rollback,
} from "@alerce/db-plugins/migrate";
import assert from "node:assert/strict";
import {
  connected,
  emptyMemory,
  type Memory,
} from "../../memory/migrations.ts";
import {
  fails,
  soon,
  type TestFolder,
  testFolder,
} from "../../support/migrations_folder.ts";

const NOW = new Date("2026-09-30T12:00:00Z");

async function make(
  store: Memory,
  { directory }: TestFolder,
  options: MakeOptions = {},
): Promise<MakeReport> {
  await using db = await connected(store);
  return await makeMigrations(db, { directory, now: NOW, ...options });
}

async function apply(store: Memory, folder: TestFolder): Promise<void> {
  await using db = await connected(store);
  await migrate(db, folder);
}

Deno.test("generated files can be applied, after which nothing is different, and rolled back", async () => {
  await using folder = await testFolder();
  const store = emptyMemory(["star", "moon"]);
  store.tables.add("notes");
  const { files, changes, unmanaged, written } = await make(store, folder);
  assert.ok(files && written);
  assert.deepEqual(changes, ["add star", "add moon"]);
  assert.deepEqual(unmanaged, ["notes"]);
  assert.equal(files.id, "20260930T120000_add_star_add_moon");
  assert.deepEqual(await folder.names(), [
    `${files.id}.down.txt`,
    `${files.id}.up.txt`,
  ]);
  await apply(store, folder);
  const again = await make(store, folder);
  assert.deepEqual([again.files, again.written], [undefined, false]);
  assert.deepEqual(again.unmanaged, ["notes"]);
  assert.equal((await folder.names()).length, 2);
  await using db = await connected(store);
  await rollback(db, folder);
  assert.deepEqual([...store.tables], ["notes"]);
});

Deno.test("a dry run writes nothing and returns the texts; a name replaces the generated one", async () => {
  await using folder = await testFolder();
  const store = emptyMemory(["star"]);
  const { files, written } = await make(store, folder, {
    dryRun: true,
    name: "First light",
  });
  assert.equal(files?.id, "20260930T120000_first_light");
  assert.equal(files?.upText, "step\nadd star\n");
  assert.equal(written, false);
  assert.deepEqual(await folder.names(), []);
});

Deno.test("check fails if there are changes or questions, and writes nothing", async () => {
  await using folder = await testFolder();
  const store = emptyMemory(["star"]);
  await assert.rejects(
    make(store, folder, { check: true }),
    fails(2, /models are ahead/, /add star/),
  );
  await make(store, folder);
  await apply(store, folder);
  assert.equal((await make(store, folder, { check: true })).files, undefined);
  store.models = ["sun"];
  await assert.rejects(
    make(store, folder, { check: true, decide: () => assert.fail("asked") }),
    fails(2, /Is star renamed to sun\?/),
  );
  assert.equal((await folder.names()).length, 2);
});

Deno.test("while files are pending, no files are generated except empty ones", async () => {
  await using folder = await testFolder();
  const store = emptyMemory(["star"]);
  await make(store, folder);
  store.models = ["star", "moon"];
  await assert.rejects(
    make(store, folder),
    fails(2, /20260930T120000_add_star is pending.*dbp migrate.*remove/),
  );
  const { files, written } = await make(store, folder, { empty: true });
  assert.ok(written);
  assert.deepEqual(
    [files?.id, files?.upText, files?.downText],
    [
      "20260930T120001_by_hand",
      "# Write the statements of the up migration here.\n",
      "# Write the statements of the down migration here.\n",
    ],
  );
  await assert.rejects(
    make(store, folder, { empty: true, check: true }),
    fails(64, /--empty/),
  );
  assert.equal((await folder.names()).length, 4);
});

Deno.test("invalid files, and a history that does not match, prevent new files", async () => {
  await using folder = await testFolder();
  const store = emptyMemory(["star"]);
  const { files } = await make(store, folder);
  await apply(store, folder);
  store.models = ["star", "moon"];
  await folder.write({ [`${files?.id}.up.txt`]: "add star\nadd moon" });
  await assert.rejects(make(store, folder), fails(4, /was edited after/));
  await folder.write({ "moon.up.txt": "add moon" });
  await assert.rejects(make(store, folder), fails(4, /not the name of/));
  await folder.remove("moon.up.txt", ...(await folder.names()).slice(0, 2));
  await assert.rejects(make(store, folder), fails(4, /is not in/));
});

Deno.test("everything that a model ever managed stays known, whatever was applied since", async () => {
  await using folder = await testFolder();
  const store = emptyMemory(["star", "moon"]);
  await make(store, folder);
  await apply(store, folder);
  store.models = ["star"];
  await folder.write({ [`${soon("other", 60)}.up.txt`]: "wait" });
  await apply(store, folder);
  store.models = ["star", "sun"];
  await assert.rejects(make(store, folder), (error) => {
    assert.ok(error instanceof DecisionError, String(error));
    assert.deepEqual(error.options, ["--rename moon=sun", "--drop moon"]);
    return true;
  });
});

Deno.test("a question without an answer is an error with command line options", async () => {
  await using folder = await testFolder();
  const store = emptyMemory(["star"]);
  await make(store, folder);
  await apply(store, folder);
  store.models = ["sun"];
  for (const decide of [undefined, () => Promise.resolve(undefined)]) {
    await assert.rejects(make(store, folder, { decide }), (error) => {
      assert.ok(error instanceof DecisionError);
      assert.deepEqual(error.options, ["--rename star=sun", "--drop star"]);
      assert.match(error.message, /Is star renamed to sun\? Decide with/);
      return true;
    });
  }
  for (const answer of ["yes", "--rename star", "--drop a=b", "--rname a=b"]) {
    await assert.rejects(
      make(store, folder, { decide: () => Promise.resolve(answer) }),
      fails(64, /does not answer "Is star/, /--rename star=sun, --drop star/),
    );
  }
  // A question is not repeated after an answer that leaves it open.
  let asked = 0;
  await assert.rejects(
    make(store, folder, {
      decide: () => (asked++, Promise.resolve("--drop other")),
    }),
    DecisionError,
  );
  assert.equal(asked, 1);
  assert.equal((await folder.names()).length, 2);
});

Deno.test("options and answers have the same effect, also for several questions", async () => {
  await using folder = await testFolder();
  const store = emptyMemory(["star"]);
  await make(store, folder);
  await apply(store, folder);
  store.models = ["unborn"];
  const dry = { dryRun: true };
  const byOptions = await make(store, folder, {
    ...dry,
    drops: ["star"],
    defaults: { "unborn.day": "1" },
  });
  const questions: string[] = [];
  const byAnswers = await make(store, folder, {
    ...dry,
    decide: ({ question }) => {
      questions.push(question);
      return Promise.resolve(
        question.startsWith("Is")
          ? "--drop star"
          : "--default unborn.day=a = 'b'",
      );
    },
  });
  assert.deepEqual(byAnswers, byOptions);
  assert.equal(questions.length, 2);
  assert.match(byOptions.files?.upText ?? "", /destructive drop star/);
  assert.match(byOptions.files?.downText ?? "", /irreversible/);
});

Deno.test("a change that cannot be generated is refused with a sketch", async () => {
  await using folder = await testFolder();
  await assert.rejects(
    make(emptyMemory(["star", "quasar"]), folder),
    fails(7, /Not generated: quasar/, /add quasar # manually/),
  );
  assert.deepEqual(await folder.names(), []);
});

Deno.test("files without the planned effect are not written", async () => {
  await using folder = await testFolder();
  const store = emptyMemory(["star", "moon"]);
  store.forgetful = true;
  await assert.rejects(
    make(store, folder),
    fails(1, /The up file misses a table/),
  );
  assert.deepEqual(await folder.names(), []);
});

Deno.test("files that break a lint rule are not written, in either direction", async () => {
  await using folder = await testFolder();
  const store = emptyMemory(["star", "moon"]);
  await make(store, folder);
  await apply(store, folder);
  const before = await folder.names();
  store.silent = true;
  store.models = ["star"];
  await assert.rejects(
    make(store, folder, { drops: ["moon"] }),
    fails(6, /up\.txt:\d+: drop moon loses rows/),
  );
  store.strict = true;
  store.models = ["star", "moon", "comet"];
  await assert.rejects(
    make(store, folder),
    fails(6, /down\.txt:\d+: drop comet loses rows/),
  );
  assert.deepEqual(await folder.names(), before);
});
