// Names with blanks, quotes, dots or `=` in command line options.
import { DecisionError } from "@alerce/db-plugins";
import assert from "node:assert/strict";
import { fillValue, name, rename } from "../../../src/cli/parse/values.ts";
import { resolveDecisions } from "../../../src/migrations/make/answers.ts";
import type { Decision, Intent } from "../../../src/engine/migrations/mod.ts";

const NOTHING: Intent = {
  renames: new Map(),
  drops: new Set(),
  defaults: new Map(),
};

/** An old name and a new one. */
const NAMES: readonly (readonly [string, string])[] = [
  ["star", "sun"],
  ["star.mag", "star.magnitude"],
  ["my star", "my sun"],
  ["my star.the mag", "my star.mag"],
  ["a=b", "c=d=e"],
  ["star.a=b", "star.b"],
  ["obs.night", "night"],
  ["night", "obs.night"],
  ["obs.night.seen", "obs.night.seen by"],
  ["star.a.b", "star.c"],
  [`"star"`, `st"ar`],
  ["it's $HOME", "`x`"],
  ["estrella.posición", "estrella.lugar"],
];

/** Returns the words that a shell reads from a line. */
async function words(line: string): Promise<string[]> {
  const { stdout } = await new Deno.Command("sh", {
    args: ["-c", `printf '%s\\n' ${line}`],
  }).output();
  return new TextDecoder().decode(stdout).trimEnd().split("\n");
}

function read<T>(
  value: { parse(input: string): { success: boolean; value?: T } },
  input: string,
): T | undefined {
  return value.parse(input).value;
}

Deno.test("the options in an error have the intended meaning, for any name", async () => {
  for (const [from, to] of NAMES) {
    const decisions: Decision[] = [
      {
        question: "Which?",
        options: [`--rename ${from}=${to}`, `--drop ${from}`],
      },
      {
        question: "What?",
        options: [`--default ${from}.x=VALUE`, "a default"],
      },
    ];
    const error = await resolveDecisions(
      decisions,
      NOTHING,
      undefined,
      new Set(),
    ).then(
      () => undefined,
      (error: unknown) => error,
    );
    assert.ok(error instanceof DecisionError, from);
    const [renaming = "", dropping = "", giving = "", other] = error.options;
    const value = async (option: string) => (await words(option))[1] ?? "";
    assert.deepEqual(
      read(rename, await value(renaming)),
      { name: from, value: to },
      renaming,
    );
    assert.equal(read(name, await value(dropping)), from, dropping);
    assert.deepEqual(
      read(fillValue, await value(giving)),
      { name: `${from}.x`, value: "VALUE" },
      giving,
    );
    assert.equal(other, "a default");
  }
});

Deno.test("an option of a question is an answer to it, for any name", async () => {
  for (const [from, to] of NAMES) {
    const options = [`--rename ${from}=${to}`, `--drop ${from}`];
    const answered = (answer: string) =>
      resolveDecisions(
        [{ question: "Which?", options }],
        NOTHING,
        () => Promise.resolve(answer),
        new Set(),
      );
    const [renaming = "", dropping = ""] = options;
    assert.deepEqual([...(await answered(renaming)).renames], [[from, to]]);
    assert.deepEqual([...(await answered(dropping)).drops], [from]);
    const { defaults } = await resolveDecisions(
      [{ question: "What?", options: [`--default ${from}.x=VALUE`] }],
      NOTHING,
      () => Promise.resolve(`--default ${from}.x=a = 'b'`),
      new Set(),
    );
    assert.deepEqual([...defaults], [[`${from}.x`, "a = 'b'"]]);
  }
});

Deno.test("invalid names, and pairs of different kinds, are refused", () => {
  for (
    const input of [
      "",
      "a",
      "a=",
      "=b",
      "a=a",
      "a=b=c",
      "a=b.c",
      "a.x=b.x",
      "a.=b",
      '"a=b',
      '""=b',
      " =b",
    ]
  ) assert.equal(read(rename, input), undefined, input);
  for (const input of ["", ".", "a.", ".a", "a=b", '"a"b']) {
    assert.equal(read(name, input), undefined, input);
  }
  for (const input of ["a.b", "a=b", "=b", "a.=b"]) {
    assert.equal(read(fillValue, input), undefined, input);
  }
});
