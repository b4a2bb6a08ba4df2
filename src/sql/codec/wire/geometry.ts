import type { Buffer } from "node:buffer";
import { floatText } from "./float_text.ts";
import type { TextReader } from "./value_reader.ts";

/** Returns the reader of a geometric type of a fixed number of doubles, from their texts. */
function doublesReader(
  count: number,
  text: (...values: readonly string[]) => string,
): TextReader {
  return (_bytes, view, at) =>
    text(
      ...Array.from(
        { length: count },
        (_, index) => floatText(view.getFloat64(at + index * 8), 15),
      ),
    );
}

/** Reads a point: `(1,2)`. */
export const pointReader: TextReader = doublesReader(
  2,
  (x, y) => `(${x},${y})`,
);
/** Reads a line: `{1,2,3}`. */
export const lineReader: TextReader = doublesReader(
  3,
  (...values) => `{${values.join(",")}}`,
);
/** Reads a line segment: `[(1,2),(3,4)]`. */
export const segmentReader: TextReader = doublesReader(
  4,
  (a, b, c, d) => `[(${a},${b}),(${c},${d})]`,
);
/** Reads a box: `(3,4),(1,2)`. */
export const boxReader: TextReader = doublesReader(
  4,
  (a, b, c, d) => `(${a},${b}),(${c},${d})`,
);
/** Reads a circle: `<(1,2),3>`. */
export const circleReader: TextReader = doublesReader(
  3,
  (x, y, radius) => `<(${x},${y}),${radius}>`,
);
/** Reads a path, which is open in brackets or closed in parentheses. */
export function pathReader(_bytes: Buffer, view: DataView, at: number): string {
  const points = pointsText(view, at + 1);
  return view.getInt8(at) === 0 ? `[${points}]` : `(${points})`;
}
/** Reads a polygon: `((1,2),(3,4))`. */
export function polygonReader(
  _bytes: Buffer,
  view: DataView,
  at: number,
): string {
  return `(${pointsText(view, at)})`;
}

function pointsText(view: DataView, at: number): string {
  const points = Array.from({ length: view.getInt32(at) }, (_, index) => {
    const [x, y] = [0, 8].map((offset) =>
      floatText(view.getFloat64(at + 4 + index * 16 + offset), 15)
    );
    return `(${x},${y})`;
  });
  return points.join(",");
}
