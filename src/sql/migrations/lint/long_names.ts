import { identifierOf, type Reader } from "../file/reader.ts";
import type { Finding } from "./context.ts";

/** Finds names that the server would truncate. */
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
        `${found} has ${bytes} bytes, but the server truncates names to 63 bytes. Use a shorter name`,
    };
  }
}
