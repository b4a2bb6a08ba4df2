import { named } from "../codec/quote.ts";

/** Returns which privilege is missing if the server denies the use of a sequence, from its English message. */
export function sequenceRightText(message: string): string | undefined {
  const [, sequence] = /denied for sequence (.+)$/.exec(message) ?? [];
  return sequence === undefined
    ? undefined
    : `New rows take their numbers from it. Its owner can run: GRANT USAGE ON SEQUENCE ${
      named(sequence)
    } TO <the role of this connection>`;
}
