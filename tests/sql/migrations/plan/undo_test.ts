// A migration that stopped after any of its steps can be undone, and the schema is what it was.
import assert from "node:assert/strict";
import type { Script } from "../../../../src/engine/migrations/mod.ts";
import { CASES } from "../../../support/plan_cases.ts";
import {
  APART,
  apply,
  files,
  NEWEST_SQL,
  NO_INTENT,
} from "../../../support/plan_database.ts";
import { managedOf } from "../../../support/plan_oracle.ts";
import { test } from "../../../support/connected.ts";

/** A case whose copies lack an index that has no part on a partition yet. */
const UNFINISHED = "a partitioned table gets an index";

function part(script: Script, start: number, end?: number): Script {
  return { ...script, steps: script.steps.slice(start, end) };
}

for (const engine of NEWEST_SQL) {
  for (
    const [name, { old, next, rows = [], intent = NO_INTENT, apart }] of Object
      .entries(CASES)
  ) {
    const at = apart === true
      ? APART.find((other) => other.name === engine.name) ?? engine
      : engine;
    test(`${engine.name}: ${name}: any number of steps can be undone`, async () => {
      const place = await at.place();
      try {
        const from = await place.open(old);
        await from.createDb();
        for (const statement of rows) await place.run(statement);
        const start = await from.migrations().fingerprint();
        const managed = await managedOf(from);
        const to = await place.open(next);
        const target = to.migrations();
        const plan = await target.plan({ intent, managed });
        const { up, down } = files(to, plan);
        for (let done = 1; done < up.steps.length; done++) {
          const losses = target.dialect.lint(
            { ...part(up, 0, done), destructive: [], ignored: [] },
            "down",
          ).filter(({ rule }) => rule === "drop-without-destructive");
          if (losses.length > 0) break;
          await apply(place, part(up, 0, done));
          const undone = target.undo?.({
            done: part(up, 0, done),
            rest: part(up, done),
            down,
          });
          if (name === UNFINISHED) {
            await assert.rejects(
              async () => await undone,
              /its files do not run on copies of the tables/,
            );
            break;
          }
          const draft = await undone;
          assert(draft !== undefined);
          const text = target.dialect.print(draft);
          await apply(place, target.dialect.parse(text, "undo"));
          assert.equal(
            await from.migrations().fingerprint(),
            start,
            `after ${done} of ${up.steps.length} steps:\n${text}`,
          );
        }
      } finally {
        await place.close();
      }
    });
  }
}
