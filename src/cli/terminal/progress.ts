import { durationText } from "../../base/duration_text.ts";
import { printable } from "../../base/errors/printable.ts";
import { loadBar } from "./load_event.ts";
import {
  eventText,
  isPart,
  repeatedBy,
  type ShownEvent,
} from "./event_text.ts";

/** Shows the progress of long work. */
export interface Progress {
  /** Shows an event. */
  report(event: ShownEvent): void;
  /** Clears the line, before anything else is printed. */
  end(): void;
}

/** Milliseconds between two lines about the same work. */
const PAUSE = 10_000;
/** Milliseconds between two lines about a server that does not answer. */
const PAUSE_UNANSWERED = 5_000;
/** Events of a wait, which are repeated until it ends. */
const WAITS: readonly ShownEvent["kind"][] = [
  ...["blocked", "waiting", "unanswered"] as const,
];
/** Milliseconds between two updates of the updating line. */
const TICK = 250;
/** Milliseconds after which a wait counts as over if no event repeats it. */
const STALE = 3_000;
/** Moves to the start of the line and clears it. */
const CLEAR = "\r\x1b[2K";

/** Prints lines, for files and for programs that read them. */
export function linesTo(print: (line: string) => void): Progress {
  const printedAt = new Map<string, number>();
  /** The latest line about rows, if it came too soon to print. */
  let rows: string | undefined;
  return {
    report(event) {
      const text = eventText(event);
      if (text === undefined) return;
      const line = `${isPart(event) ? "  " : ""}${text}${elapsedText(event)}`;
      const work = repeatedBy(event);
      if (event.kind !== "progress" && rows !== undefined) print(rows);
      rows = undefined;
      if (work === undefined) printedAt.clear();
      else {
        const now = performance.now();
        const pause = event.kind === "unanswered" ? PAUSE_UNANSWERED : PAUSE;
        // A short load prints nothing.
        if (event.kind === "load" && !printedAt.has(work)) {
          printedAt.set(work, now);
        }
        if (now - (printedAt.get(work) ?? -pause) < pause) {
          if (event.kind === "progress") rows = line;
          return;
        }
        printedAt.set(work, now);
      }
      print(line);
    },
    end() {},
  };
}

/**
 * Updates one line of a terminal. A spinner of a library would read the
 * keyboard and end the program at Ctrl-C before the lock is released.
 *
 * @param write writes text without a line break
 * @param columns returns the current width of the terminal
 */
export function updatingLine(
  write: (text: string) => void,
  columns: () => number,
): Progress {
  let current: Activity | undefined;
  let waiting: (Activity & { readonly until: number }) | undefined;
  let timer: ReturnType<typeof setInterval> | undefined;
  const show = (): void => {
    const now = performance.now();
    if (waiting !== undefined && now > waiting.until) waiting = undefined;
    const shown = waiting ?? current;
    if (shown === undefined) return;
    const elapsed = now - shown.since;
    const text = elapsed < 1000
      ? shown.text
      : `${durationText(elapsed)}  ${shown.text}`;
    write(`${CLEAR}${text.slice(0, Math.max(0, columns() - 1))}`);
  };
  return {
    report(event) {
      const text = eventText(event);
      if (text === undefined) return;
      if (event.kind === "warning") {
        write(`${CLEAR}${text}\n`);
        return;
      }
      const now = performance.now();
      if (event.kind === "done") {
        current = waiting = undefined;
        write(CLEAR);
        return;
      }
      const since = "milliseconds" in event ? now - event.milliseconds : now;
      const line = isPart(event)
        ? `${printable(event.id)}, ${text}`
        : event.kind === "load"
        ? loadBar(event) + text
        : text;
      if (WAITS.includes(event.kind)) {
        waiting = { text: line, since, until: now + STALE };
      } else {
        waiting = undefined;
        current = { text: line, since };
      }
      timer ??= setInterval(show, TICK);
      show();
    },
    end() {
      clearInterval(timer);
      if (timer !== undefined) write(CLEAR);
      timer = undefined;
    },
  };
}

/** Work in progress, and when it began. */
interface Activity {
  readonly text: string;
  readonly since: number;
}

/** How long work has taken so far, from one second on. */
function elapsedText(event: ShownEvent): string {
  return event.kind === "done" || !("milliseconds" in event) ||
      event.milliseconds < 1000
    ? ""
    : `, ${durationText(event.milliseconds)} elapsed`;
}
