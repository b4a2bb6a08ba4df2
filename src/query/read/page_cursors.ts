import type { CursorPosition } from "./cursor.ts";

/** Computes the cursor of one end of a page. */
type CursorOf = (side: CursorPosition["side"]) => string | undefined;

const CURSOR_OF = Symbol("cursorOf");

/** The cursors of a page. */
interface Cursors {
  /** The position after the last row. */
  readonly cursor: string | undefined;
  /** The position before the first row. */
  readonly previousCursor: string | undefined;
}

/** All pages share these functions: if each page had its own, V8 would keep its rows until it collects all garbage. */
const GETTERS:
  & PropertyDescriptorMap
  & ThisType<{ readonly [CURSOR_OF]: CursorOf }> = {
    cursor: {
      configurable: true,
      enumerable: true,
      get() {
        return this[CURSOR_OF]("after");
      },
    },
    previousCursor: {
      configurable: true,
      enumerable: true,
      get() {
        return this[CURSOR_OF]("before");
      },
    },
  };

/** Adds the cursors of a page, which are computed when they are read: the text of a long filter takes time. */
export function addCursors<Page extends object>(
  page: Page,
  cursorOf: CursorOf,
): asserts page is Page & Cursors {
  Object.defineProperty(page, CURSOR_OF, { value: cursorOf });
  Object.defineProperties(page, GETTERS);
}
