// Unknown options of a connection are refused with the most similar one: in untyped code a misspelled option would have no effect.
import {
  ConfigError,
  connect,
  MongoConnection,
  SQLConnection,
  TransactionError,
} from "@alerce/db-plugins";
import { SUITE_MODELS } from "@alerce/db-plugins/testing";
import assert from "node:assert/strict";
import { test } from "../support/connected.ts";

const ENTRY = { ENGINE: "pglite", DB_NAME: "memory://" };

/** Options without their types. */
function untyped(options: object): never {
  return options as never;
}

function refuses(
  call: (options: never) => unknown,
  options: object,
  message: RegExp,
): Promise<void> {
  return assert.rejects(
    async () => void await call(untyped(options)),
    (error) => {
      assert.ok(
        error instanceof ConfigError || error instanceof TransactionError,
        String(error),
      );
      assert.match(error.message, message);
      return true;
    },
  );
}

test("models that are not an array of models are refused", async () => {
  const cases: readonly (readonly [unknown, RegExp])[] = [
    [
      { Star: SUITE_MODELS[0] },
      /models must be an array of models, like \[Star\]; got an object$/,
    ],
    [
      SUITE_MODELS[0],
      /models must be an array of models, like \[Star\]; got an object$/,
    ],
    [
      ["star"],
      /models must be an array of models, like \[Star\]; it contains "star"$/,
    ],
    [
      [{}],
      /models must be an array of models, like \[Star\]; it contains an object$/,
    ],
  ];
  for (const [models, message] of cases) {
    await assert.rejects(connect(ENTRY, untyped({ models })), {
      name: "ModelError",
      message,
    });
  }
});

test("unknown options of connect, of a connection and of its constructor are refused", async () => {
  await refuses(
    (options) => connect(ENTRY, options),
    { modles: [], onQery: () => {} },
    /^Invalid options of connect:\n\s+modles is not an option; the options are .*engines; did you mean models\?\n\s+onQery .* did you mean onQuery\?/,
  );
  await refuses(
    (options) => connect(ENTRY, options),
    { enginez: [] },
    /did you mean engines\?/,
  );
  for (const Connection of [SQLConnection, MongoConnection]) {
    await refuses(
      (parts) => new Connection(parts),
      { model: SUITE_MODELS },
      /^Invalid options of the constructor: model is not an option; the options are models, config, client, replicas, session; did you mean models\?/,
    );
    await refuses(
      (options) => new Connection().connect(ENTRY, options),
      { db: "SQL" },
      /^Invalid options of connect: db is not an option/,
    );
  }
  await using db = new SQLConnection({ models: SUITE_MODELS });
  await db.connect(ENTRY, { createSession: false });
  await refuses(
    (options) => db.createSession(options),
    { useScope: true },
    /^Invalid options of createSession: .* did you mean useScoped\?/,
  );
  await refuses(
    (options) => db.createDb(options),
    { verfy: true },
    /^Invalid options of createDb: .* did you mean verify\?/,
  );
  await refuses(
    (options) => db.transaction(() => Promise.resolve(), options),
    { retrys: 3 },
    /^Cannot begin a transaction: retrys is not an option; .* did you mean retries\?/,
  );
  await refuses(
    (sessionOptions) => connect(ENTRY, { sessionOptions }),
    { readonly: true },
    /did you mean readOnly\?/,
  );
});
