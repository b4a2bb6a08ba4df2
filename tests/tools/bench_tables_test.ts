// The tables of the comparison with other libraries: their text, and their markers in the pages.
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Results } from "../../bench/peers/results.ts";
import {
  rateTables,
  ratioTable,
  shortRatioTable,
} from "../../bench/peers/tables.ts";

const SAMPLE: Results = {
  date: "2026-11-30",
  machine: {
    cpu: "Fast CPU",
    cores: 2,
    memory: 24,
    system: "linux x86_64",
    load: 0.5,
  },
  rows: 100_000,
  streamRows: 1_000_000,
  versions: { Deno: "2.9.6", PostgreSQL: "18.4" },
  peers: { Drizzle: "drizzle-orm 0.45.4", asyncpg: "asyncpg 0.32.0" },
  lines: [
    {
      ...{ engine: "PostgreSQL", peer: "Drizzle", work: "`findAll`" },
      ...{ unit: "rows/s", ours: 300_000, theirs: 24_500, ratio: 12.2 },
      pairs: 7,
    },
    {
      ...{ engine: "PostgreSQL", peer: "asyncpg", work: "`findAll`" },
      ...{ unit: "rows/s", ours: 280_000, theirs: 300_000, ratio: 0.93 },
      pairs: 7,
    },
    {
      ...{ engine: "PostgreSQL", peer: "Drizzle", work: "`include`" },
      ...{ unit: "objects/s", ours: 12_000, theirs: 8_000, ratio: 1.52 },
      ...{ pairs: 7, losesDigits: true },
    },
    {
      ...{ engine: "MongoDB", peer: "Mongoose", work: "`findAll`" },
      ...{ unit: "rows/s", ours: 50, theirs: 70.5, ratio: 0.71 },
      pairs: 7,
    },
  ],
  notRun: [{
    engine: "PostgreSQL",
    peer: "asyncpg",
    work: "`include`",
    reason: "python3 is missing",
  }],
};

const LEGEND =
  "Each number is how many times better this package is than the peer: above 1, it is faster, starts sooner, or needs less memory. Bold: it is behind, by more than 5 %. † The peer changed digits of 64-bit identifiers, without an error.";

const RATIOS =
  `Measured on 2026-11-30 on 2 cores (Fast CPU, 24 GB of memory, linux x86_64), with Deno 2.9.6, PostgreSQL 18.4. The table \`detection\` had 100,000 rows of 30 columns, and 1,000,000 rows for streams. Medians of up to 7 pairs. Load average before the start: 0.5.

The peers: drizzle-orm 0.45.4, asyncpg 0.32.0.

${LEGEND}

| work | Drizzle | asyncpg | Mongoose, on MongoDB |
| --- | ---: | ---: | ---: |
| \`findAll\` | 12 | **0.93** | **0.71** |
| \`include\` | 1.5† | not run | not run |

Not run:

- asyncpg, \`include\`: python3 is missing

Where this package is slower than a peer or needs more, by more than 5 %:

- \`findAll\`: asyncpg (0.93), Mongoose (0.71)`;

const RATES = `| PostgreSQL | this package | Drizzle | asyncpg |
| --- | ---: | ---: | ---: |
| \`findAll\`, rows/s | 300,000 | 24,500 | 300,000 |
| \`include\`, objects/s | 12,000 | 8,000 | not run |

| MongoDB | this package | Mongoose, on MongoDB |
| --- | ---: | ---: |
| \`findAll\`, rows/s | 50 | 70.5 |`;

Deno.test("the tables name the machine, lost digits, what was not run, and what is slower", () => {
  assert.equal(ratioTable(SAMPLE), RATIOS);
  assert.equal(rateTables(SAMPLE), RATES);
  const table = RATIOS.slice(
    RATIOS.indexOf("| work"),
    RATIOS.indexOf("\n\nNot"),
  );
  assert.equal(
    shortRatioTable(SAMPLE),
    `${RATIOS.slice(0, RATIOS.indexOf(" The table"))} ${LEGEND}\n\n${table}`,
  );
});

Deno.test("the tables say that the machine was busy, and that nothing is slower", () => {
  const text = ratioTable({
    ...SAMPLE,
    machine: { ...SAMPLE.machine, load: 14 },
    lines: SAMPLE.lines.slice(0, 1),
  });
  assert.match(text, /: 14\. Other programs kept the machine busy/);
  assert.match(text, /No work is slower than with a peer/);
});

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Runs `deno task bench-tables` and returns its exit code and its errors. */
async function write(...args: readonly string[]): Promise<[number, string]> {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", "bench-tables", ...args],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
  }).output();
  return [code, new TextDecoder().decode(stderr)];
}

Deno.test("the tables in README.md and docs/performance.md match bench/peers/results.json", async () => {
  assert.deepEqual(await write("--check"), [0, ""]);
});

Deno.test("the tables replace the text between their markers only; without markers it is an error", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const [results, page] = [
      join(folder, "results.json"),
      join(folder, "page.md"),
    ];
    await Deno.writeTextFile(results, JSON.stringify(SAMPLE));
    await Deno.writeTextFile(
      page,
      "# Title\n\n<!-- peers -->\nold\n<!-- /peers -->\n\nmore $1\n",
    );
    const [code, message] = await write("--check", "--results", results, page);
    assert.equal(code, 1);
    assert.match(
      message,
      /differ from the results\. Run `deno task bench-tables`\n$/,
    );
    assert.match(await Deno.readTextFile(page), /\nold\n/);
    assert.deepEqual(await write("--results", results, page), [0, ""]);
    assert.match(
      await Deno.readTextFile(page),
      /^# Title\n\n<!-- peers -->\n\nMeasured on 2026-11-30[\s\S]+Mongoose \(0\.71\)\n\n<!-- \/peers -->\n\nmore \$1\n$/,
    );
    assert.deepEqual(await write("--check", "--results", results, page), [
      0,
      "",
    ]);
    await Deno.writeTextFile(page, "# Title\n");
    const [missing, error] = await write("--results", results, page);
    assert.equal(missing, 1);
    assert.match(error, /page\.md: the markers .* are missing/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
