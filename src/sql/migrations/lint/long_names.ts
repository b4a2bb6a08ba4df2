import { identifierOf, type Reader } from "../file/reader.ts";
import type { Finding } from "./context.ts";

/** Names that the server would cut. */
export function* longNames(reader: Reader): Generator<Finding> {
  for (const token of reader.tokens) {
    const found = identifierOf(token);
    const bytes = found === undefined
      ? 0
      : new TextEncoder().encode(found).length;
    if (bytes <= 63) continue;
    yield {
      rule: "name-too-long",
      line: token.line,
      problem:
        `${found} has ${bytes} bytes, and the server cuts names to 63; write a shorter one`,
    };
  }
}
