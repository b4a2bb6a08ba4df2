import { durationText } from "../../base/duration_text.ts";
import type { LoadProgress } from "../../load/types.ts";
import { counted } from "./report.ts";

/** The progress of the load of a file. */
export interface LoadEvent extends LoadProgress {
  readonly kind: "load";
  /** The time since the beginning of the load of this file. */
  readonly elapsed: number;
}

/** Characters of a bar. */
const BAR = 20;

/** Describes the progress of a load in one line. */
export function loadText(event: LoadEvent): string {
  const { file, rows, bytes, totalBytes, rowsPerSecond, elapsed } = event;
  const part = partOf(event);
  const left = part === undefined || part === 0 || part === 1
    ? []
    : [`${durationText(elapsed * (1 - part) / part)} left`];
  const read = part === undefined
    ? bytesText(bytes)
    : `${bytesText(bytes)} of ${bytesText(totalBytes ?? 0)} (${
      Math.floor(part * 100)
    } %)`;
  return [
    `${file}: ${counted(rows, "row")}`,
    `${Math.round(rowsPerSecond)} rows/s`,
    read,
    ...left,
  ].join(", ");
}

/** Returns the part of the file that is read as a bar; empty if it is unknown. */
export function loadBar(event: LoadEvent): string {
  const part = partOf(event);
  if (part === undefined) return "";
  const done = Math.floor(part * BAR);
  return `[${"#".repeat(done)}${"-".repeat(BAR - done)}] `;
}

function partOf({ bytes, totalBytes }: LoadEvent): number | undefined {
  return totalBytes === undefined || totalBytes === 0
    ? undefined
    : Math.min(1, bytes / totalBytes);
}

function bytesText(bytes: number): string {
  return bytes < 1e9
    ? `${(bytes / 1e6).toFixed(1)} MB`
    : `${(bytes / 1e9).toFixed(1)} GB`;
}
