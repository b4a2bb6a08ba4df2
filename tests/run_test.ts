// What the test command counts and prints: no failure of a test, a file or a run is lost.
import assert from "node:assert/strict";
import { join, relative } from "node:path";
import { examplesIn } from "./support/doc_examples.ts";
import { ROOT } from "./support/program.ts";
import { testFiles } from "./support/test_files.ts";
import { ANNOUNCEMENT, TestReport } from "./support/test_report.ts";
import { runTestFiles } from "./support/test_runner.ts";
import { untilEqual } from "./support/waiting.ts";

/** Runs files with these texts by their names. */
async function run(
  texts: Readonly<Record<string, string>>,
  filter?: string,
): Promise<{ counts: object; lines: string }> {
  const scratch = await Deno.makeTempDir({ prefix: "dbp-run-" });
  try {
    const folder = join(scratch, "tests");
    await Deno.mkdir(folder);
    for (const [name, text] of Object.entries(texts)) {
      await Deno.writeTextFile(join(folder, name), text);
    }
    const lines: string[] = [];
    const counts = await runTestFiles(await testFiles([folder], scratch), {
      scratch,
      jobs: 2,
      filter,
      print: (line) => lines.push(line),
    });
    return {
      counts,
      lines: lines.join("\n")
        // deno-lint-ignore no-control-regex
        .replaceAll(/\x1b\[[\d;]*m/g, "")
        .replaceAll(relative(ROOT, folder), "FOLDER")
        .replaceAll(/\d+\.\d s\b/g, "N s"),
    };
  } finally {
    await Deno.remove(scratch, { recursive: true });
  }
}

const PASSING = `
Deno.test("one", () => {});
Deno.test({ name: "two", fn: () => {} });
Deno.test.ignore("three", () => {});
`;

Deno.test("a line for each file, with the tests of all files counted", async () => {
  const { counts, lines } = await run({
    "first_test.ts": PASSING,
    "second_test.ts": `Deno.test("four", () => console.log("a word"));`,
    "support.ts": `throw new Error("No test imports this file");`,
  });
  assert.deepEqual(counts, { passed: 3, failed: 0, skipped: 1 });
  assert.equal(
    lines,
    `\
[1/2] ok  FOLDER/first_test.ts  3 tests  N s
a word
[2/2] ok  FOLDER/second_test.ts  1 test  N s`,
  );
});

Deno.test("the slowest files are listed at the end", () => {
  const durations = { a: 7_000, b: 4_900, c: 31_000, d: 5_000 };
  const files = Object.keys(durations);
  const lines: string[] = [];
  let now = 0;
  const report = new TestReport(files, (line) => lines.push(line), () => now);
  for (const file of files) {
    report.read(`${ANNOUNCEMENT}{"file":"${file}","tests":1}`);
  }
  for (const [file, duration] of Object.entries(durations)) {
    now += duration;
    report.read(`./group_test.ts => ${file}: one ... ok (1s)`);
  }
  lines.splice(0);
  report.end();
  assert.deepEqual(lines, [
    "The slowest files:",
    "  31.0 s  c",
    "  7.0 s  a",
    "  5.0 s  d",
  ]);
});

Deno.test("a failed test is shown in full at the end, with the command that runs it alone", async () => {
  const { counts, lines } = await run({
    "failing_test.ts":
      `Deno.test("it's", () => { throw new Error("no reason"); });\n${PASSING}`,
    "passing_test.ts": PASSING,
  });
  assert.deepEqual(counts, { passed: 4, failed: 1, skipped: 2 });
  assert.match(
    lines,
    /^\[1\/2\] FAILED {2}FOLDER\/failing_test.ts {2}4 tests, 1 failed {2}N s\n\[2\/2\] ok /,
  );
  assert.match(lines, /error.*: Error: no reason/);
  assert.match(lines, /tests\/failing_test\.ts:1:/);
  assert.match(
    lines,
    /\nFAILED FOLDER\/failing_test.ts: it's\n {2}Run it alone: npx -y deno@[\d.]+ task test FOLDER\/failing_test.ts --filter 'it'\\''s'$/,
  );
});

Deno.test("a file that does not load is a failure, and the other files run", async () => {
  const { counts, lines } = await run({
    "broken_test.ts": `import "./missing.ts";`,
    "passing_test.ts": PASSING,
    "throwing_test.ts": `${PASSING}\nthrow new Error("at once");`,
  });
  assert.deepEqual(counts, { passed: 4, failed: 2, skipped: 2 });
  assert.match(lines, /\nFAILED FOLDER\/broken_test.ts: the file loads\n/);
  assert.match(lines, /\nFAILED FOLDER\/throwing_test.ts: the file loads\n/);
  assert.match(lines, /Module not found/);
  assert.match(lines, /at once/);
});

Deno.test("a leak is a failure", async () => {
  const { counts, lines } = await run({
    "leaking_test.ts": `
Deno.test("a timer", () => { setTimeout(() => {}, 100_000); });
Deno.test("a file", async () => { await Deno.open(import.meta.filename); });
`,
  });
  assert.deepEqual(counts, { passed: 0, failed: 2, skipped: 0 });
  assert.match(lines, /FAILED FOLDER\/leaking_test.ts: a timer\n/);
  assert.match(lines, /FAILED FOLDER\/leaking_test.ts: a file\n/);
});

Deno.test("an error that no test waits for is a failure", async () => {
  const { counts, lines } = await run({
    "late_test.ts": `
Deno.test("late", async () => {
  setTimeout(() => { throw new Error("nobody waits"); }, 10);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
});
Deno.test("the next", () => {});
`,
  });
  // Both tests and the error itself.
  assert.deepEqual(counts, { passed: 0, failed: 3, skipped: 0 });
  assert.match(lines, /nobody waits/);
});

Deno.test("tests that never ran are a failure", async () => {
  const { counts, lines } = await run({
    "exiting_test.ts": `Deno.test("one", () => {});\nDeno.exit(0);`,
  });
  assert.deepEqual(counts, { passed: 0, failed: 1, skipped: 0 });
  assert.match(
    lines,
    /FAILED FOLDER\/exiting_test.ts: not every test ended\n/,
  );
});

Deno.test("an interrupted run ends at once, with the processes that its tests started", async () => {
  const scratch = await Deno.makeTempDir({ prefix: "dbp-run-" });
  try {
    const started = join(scratch, "started");
    const file = join(scratch, "endless_test.ts");
    await Deno.writeTextFile(
      file,
      `
Deno.test("endless", async () => {
  Deno.addSignalListener("SIGTERM", () => {});
  const { pid } = new Deno.Command("sleep", { args: ["600"] }).spawn();
  await Deno.writeTextFile(${JSON.stringify(started)}, String(pid));
  await new Promise((resolve) => setTimeout(resolve, 600_000));
});
`,
    );
    const interruption = new AbortController();
    const running = runTestFiles(await testFiles([file], scratch), {
      scratch,
      jobs: 2,
      signal: interruption.signal,
      print: () => {},
    });
    const ended = assert.rejects(running, /Interrupted/);
    let pid = "";
    while (pid === "") {
      await new Promise((resolve) => setTimeout(resolve, 50));
      pid = await Deno.readTextFile(started).catch(() => "");
    }
    const begin = performance.now();
    interruption.abort(new Error("Interrupted"));
    await ended;
    await untilEqual("the end of the process", () => isAlive(pid), false);
    // Its test would take ten minutes.
    assert.ok(performance.now() - begin < 120_000);
  } finally {
    await Deno.remove(scratch, { recursive: true });
  }
});

/** Whether a process runs; an ended one that nobody has waited for yet does not. */
async function isAlive(pid: string): Promise<boolean> {
  const { stdout } = await new Deno.Command("ps", {
    args: ["-o", "stat=", "-p", pid],
  }).output();
  return /^[^Z\s]/.test(new TextDecoder().decode(stdout));
}

Deno.test("a filter picks tests by a part of their name", async () => {
  const { counts, lines } = await run(
    { "first_test.ts": PASSING, "second_test.ts": PASSING },
    "two",
  );
  assert.deepEqual(counts, { passed: 2, failed: 0, skipped: 0 });
  assert.match(lines, /^\[1\/2\] ok {2}FOLDER\/first_test.ts {2}1 test {2}N s/);
});

Deno.test("documentation examples are tests of their file", async () => {
  const fence = "```";
  const { counts, lines } = await run({
    "guide.md": `
${fence}ts
console.log("hello");
${fence}
${fence}ts ignore
throw new Error("not run");
${fence}
${fence}sh
exit 1
${fence}`,
    "module.ts": `
/**
 * Throws.
 *
 * ${fence}ts
 * const text: string = "thrown";
 * throw new Error(text);
 * ${fence}
 */
export const one = 1;`,
  });
  assert.deepEqual(counts, { passed: 1, failed: 1, skipped: 0 });
  assert.match(
    lines,
    /^hello\n\[1\/2\] ok {2}FOLDER\/guide.md {2}1 test {2}N s\n\[2\/2\] FAILED {2}FOLDER\/module.ts {2}1 test, 1 failed {2}N s/,
  );
  assert.match(lines, /FAILED FOLDER\/module.ts: example in line 5\n/);
});

Deno.test("the examples of a file are those that `deno test --doc` runs", async () => {
  const texts = {
    "a.md": `
~~~ts
console.log(1);
~~~

> ~~~ts
> console.log(2);
> ~~~

~~~typescript words
console.log(3);
~~~
~~~js
console.log(4);
~~~
~~~ts ignore
console.log(5);
~~~
~~~~
~~~ts
console.log(6);
~~~
~~~~
<!--
~~~ts
console.log(7);
~~~
-->
  ~~~ts
  console.log(8);
  ~~~
~~~
console.log(9);
~~~
`,
    "b.ts": `
/**
 * Says.
 *
 * ~~~ts
 * console.log(1);
 * ~~~
 *
 * @example
 * ~~~ts
 * console.log(2);
 * ~~~
 */
export const one: number = 1;
/* ~~~ts
 * console.log(3);
 * ~~~
 */
// ~~~ts
// console.log(4);
// ~~~
`,
  };
  const folder = await Deno.makeTempDir({ prefix: "dbp-run-" });
  try {
    const found: string[] = [];
    for (const [file, tildes] of Object.entries(texts)) {
      const text = tildes.replaceAll("~", "`");
      await Deno.writeTextFile(join(folder, file), text);
      for (const { line, code } of examplesIn(text, file.endsWith(".md"))) {
        assert.match(code, /^ {0,2}console\.log\(\d\);\n$/);
        found.push(`${file}#${line}`);
      }
    }
    const { stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["check", "--doc", ...Object.keys(texts)],
      cwd: folder,
      env: { NO_COLOR: "1" },
    }).output();
    const checked = new TextDecoder().decode(stderr)
      .matchAll(/^Check (\S+#\d+)-\d+\./gm);
    assert.deepEqual(found, [...checked].map(([, name]) => name));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
