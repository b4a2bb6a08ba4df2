// A server that is killed during a migration: the run waits for a server once.
import { DbPluginsError } from "@alerce/db-plugins";
import { migrate } from "@alerce/db-plugins/migrate";
import assert from "node:assert/strict";
import { folderOf, STAR } from "../../../support/migrations_folder.ts";
import { test } from "../../../support/mongo_case.ts";
import { Place } from "../../../support/mongo_migrating.ts";
import { startMongo } from "../../../support/mongo_server.ts";

/** How long the driver waits for a server, in milliseconds. */
const WAIT = 6_000;

test("a migration whose server was killed waits for a server once, and then fails", async () => {
  const server = await startMongo();
  try {
    const steps = Array.from({ length: 20 }, (_, n) => ({ create: `c${n}` }));
    await using folder = await folderOf({
      [`${STAR}.up.json`]: JSON.stringify(steps),
    }, "mongo");
    await using place = new Place({ models: [] });
    await place.connect({
      URL: server.url,
      DATABASE: "d",
      SERVER_SELECTION_TIMEOUT_MS: WAIT,
    });
    let killedAt = 0;
    let killing: Promise<void> | undefined;
    const error = await migrate(place, {
      ...folder,
      onProgress(event) {
        if (event.kind !== "step" || event.step !== 2) return;
        killing = server.kill();
        killedAt = performance.now();
      },
    }).catch((error) => error);
    const time = performance.now() - killedAt;
    assert.ok(error instanceof DbPluginsError, String(error));
    assert.ok(time < 2 * WAIT, `${time} ms: ${error.message}`);
    assert.notEqual(error.outcome, undefined);
    await killing;
  } finally {
    await server.stop();
  }
});
