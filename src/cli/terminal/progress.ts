import { timeText } from "../../base/time_text.ts";
import type { MigrationEvent } from "../../engine/migrations/mod.ts";
import { eventText, isPart, repeatedBy } from "./event_text.ts";

/** Tells of long work while it goes on. */
export interface Progress {
  /** Told of each event. */
  tell(event: MigrationEvent): void;
  /** Cleans up, before anything else is printed. */
  end(): void;
}

/** Milliseconds between two lines that say that the same goes on. */
const PAUSE = 10_000;
/** Milliseconds between two looks of the updating line. */
const TICK = 250;
/** Milliseconds after which a wait is over that is not told of again. */
const STALE = 3_000;
/** Goes to the line's beginning and empties it. */
const EMPTY = "\r\x1b[2K";

/** Tells in lines, for files and for programs that read along. */
export function linesTo(print: (line: string) => void): Progress {
  const told = new Map<string, number>();
  /** The newest number of rows, where it was not worth a line yet. */
  let rows: string | undefined;
  return {
    tell(event) {
      const text = eventText(event);
      if (text === undefined) return;
      const line = `${isPart(event) ? "  " : ""}${text}${goingOn(event)}`;
      const about = repeatedBy(event);
      if (event.kind !== "progress" && rows !== undefined) print(rows);
      rows = undefined;
      if (about === undefined) told.clear();
      else {
        const now = performance.now();
        if (now - (told.get(about) ?? -PAUSE) < PAUSE) {
          if (event.kind === "progress") rows = line;
          return;
        }
        told.set(about, now);
      }
      print(line);
    },
    end() {},
  };
}

/**
 * Tells in one line that is written again and again. No spinner of a library:
 * those take the keyboard, and end the program at Ctrl-C before the lock is
 * given back.
 *
 * @param write writes text as it is
 * @param columns how wide the terminal is now
 */
export function updatingLine(
  write: (text: string) => void,
  columns: () => number,
): Progress {
  let doing: Doing | undefined;
  let waiting: (Doing & { readonly until: number }) | undefined;
  let timer: ReturnType<typeof setInterval> | undefined;
  const show = (): void => {
    const now = performance.now();
    if (waiting !== undefined && now > waiting.until) waiting = undefined;
    const shown = waiting ?? doing;
    if (shown === undefined) return;
    const elapsed = now - shown.since;
    const text = elapsed < 1000
      ? shown.text
      : `${timeText(elapsed)}  ${shown.text}`;
    write(`${EMPTY}${text.slice(0, Math.max(0, columns() - 1))}`);
  };
  return {
    tell(event) {
      const text = eventText(event);
      if (text === undefined) return;
      const now = performance.now();
      if (event.kind === "done") {
        doing = waiting = undefined;
        write(EMPTY);
        return;
      }
      const since = "milliseconds" in event ? now - event.milliseconds : now;
      const line = isPart(event) ? `${event.id}, ${text}` : text;
      if (event.kind === "blocked" || event.kind === "waiting") {
        waiting = { text: line, since, until: now + STALE };
      } else {
        waiting = undefined;
        doing = { text: line, since };
      }
      timer ??= setInterval(show, TICK);
      show();
    },
    end() {
      clearInterval(timer);
      if (timer !== undefined) write(EMPTY);
      timer = undefined;
    },
  };
}

/** What goes on, and since when. */
interface Doing {
  readonly text: string;
  readonly since: number;
}

/** How long it has gone on, where that is worth a word. */
function goingOn(event: MigrationEvent): string {
  return event.kind === "done" || !("milliseconds" in event) ||
      event.milliseconds < 1000
    ? ""
    : `, for ${timeText(event.milliseconds)} now`;
}
