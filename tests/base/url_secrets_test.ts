// Messages of drivers and other programs may repeat a URL as it was given, so its credentials are removed from them.
import assert from "node:assert/strict";
import { withoutCredentials } from "../../src/base/url_secrets.ts";

for (
  const url of [
    "postgresql://u:PLANTED@h/d",
    "postgresql://u:a/PLANTED@h/d",
    "postgresql+psycopg2://u:a@PLANTED@h/d",
    "postgres://u:a'PLANTED\"@h:1/d",
    "mongodb://u:a/b@PLANTED@h1,h2/d",
    "MongoDB+srv://u:a PLANTED@h/d",
    "mysql://u:PLANTED@h/d",
    "amqp://u:a/PLANTED@h/d",
    "redis://:a@PLANTED@h",
    "https://u:a'PLANTED?#\"@h:1/d",
  ]
) {
  Deno.test(`a message that repeats ${url} hides its credentials`, () => {
    const message = withoutCredentials(`cannot reach ${url}, and gave up`);
    assert.doesNotMatch(message, /PLANTED|u:/);
    assert.match(
      message,
      /^cannot reach \w+(?:\+\w+)?:\/\/…@h.*, and gave up$/,
    );
  });
}

Deno.test("the credentials of each URL in a message are hidden, and its host stays", () => {
  assert.equal(
    withoutCredentials(
      "postgresql://u:a/1@first/d or mongodb://u:b@2@second/d, not postgresql://third/d",
    ),
    "postgresql://…@first/d or mongodb://…@second/d, not postgresql://third/d",
  );
});

Deno.test("addresses of packages and ports stay as they are", () => {
  const message =
    "no module https://jsr.io/@std/assert in http://localhost:1/a, see https://h/a?b=c@d";
  assert.equal(withoutCredentials(message), message);
});
