import { SQLConnection } from "@alerce/db-plugins";
import { copyText, throughStage } from "./copy.ts";
import { type Line, race } from "./harness.ts";
import { RULES } from "./merge_rules.ts";
import { bareClient, type ServerSettings } from "./settings.ts";
import { Narrow, rowsOf } from "./tables.ts";

const ROWS = 100_000;
const SET = `on conflict (candid) do update set ${
  Narrow.fields.map(({ name }) => name)
    .filter((name) => name !== "candid" && name !== "version")
    .map((name) => `${name} = ${valueOf(name)}`).join(", ")
}`;

function valueOf(name: string): string {
  const rule = RULES[name];
  return rule === undefined
    ? `excluded.${name}`
    : `${
      rule === "ifNull" ? "coalesce" : rule
    }(narrow.${name}, excluded.${name})`;
}

/** Compares upserts with rules for each field with statements of the bare driver. */
export async function merging(settings: ServerSettings): Promise<Line[]> {
  await using db = new SQLConnection({ models: [Narrow] });
  await db.connect(settings);
  await db.createDb();
  const bare = await bareClient(settings);
  try {
    const rows = rowsOf(Narrow, ROWS);
    const existing = rowsOf(Narrow, ROWS, 1)
      .filter((_, index) => index % 2 === 0);
    const columns = Narrow.fields.map(({ name }) => name);
    const narrow = db.query(Narrow);
    const lines: Line[] = [];
    for (
      const [order, given] of [
        ["in the order of the key", rows],
        ["in another order", shuffled(rows)],
      ] as const
    ) {
      const text = copyText(given, columns);
      lines.push(
        await race({
          work:
            `\`bulkUpsert\` with \`merge\`, 100,000 rows of 20 columns ${order}, half existing`,
          against:
            "COPY to a temp table + INSERT … ON CONFLICT DO UPDATE SET … least(…)",
          count: ROWS,
          unit: "rows",
          least: 0.85,
          async before() {
            await bare.query("truncate narrow");
            await narrow.bulkInsert(existing);
            await bare.query("analyze narrow");
          },
          after: async () =>
            (await bare.query(
              "select count(*), sum(i0), sum(i1), max(d0), min(d1), min(version) from narrow",
            )).rows[0],
          ours: async () =>
            void await narrow.bulkUpsert(given, { merge: RULES }),
          bare: () =>
            throughStage(
              bare,
              "narrow",
              text,
              [`insert into narrow select * from stage ${SET}`],
            ),
        }),
      );
    }
    return lines;
  } finally {
    await bare.end();
    await db.dropDb();
  }
}

/** Returns rows in an order that does not depend on their keys, the same in every run. */
function shuffled<T>(rows: readonly T[]): T[] {
  return rows.map((_, index) => rows[index * 7_919 % rows.length])
    .filter((row) => row !== undefined);
}
