import fc from "fast-check";

/** The code points of surrogates, which are no characters. */
const SURROGATES = { from: 0xd800, count: 0x800 };

/**
 * Any character, as `unit: "binary"` of `fc.string` has it. That one builds a
 * map of all million characters, which takes a second.
 */
export const anyCharacter: fc.Arbitrary<string> = fc.integer({
  min: 0,
  max: 0x10ffff - SURROGATES.count,
}).map(
  (index) =>
    String.fromCodePoint(
      index < SURROGATES.from ? index : index + SURROGATES.count,
    ),
  (text) => {
    const [character = "", ...others] = typeof text === "string" ? text : "";
    const point = character.codePointAt(0);
    if (point === undefined || others.length > 0) throw new Error("no match");
    return point < SURROGATES.from ? point : point - SURROGATES.count;
  },
);
