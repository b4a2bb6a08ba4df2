// Progress of long work, in lines and at a terminal.
import type { MigrationEvent } from "@alerce/db-plugins/engine";
import assert from "node:assert/strict";
import {
  loadBar,
  type LoadEvent,
  loadText,
} from "../../src/cli/terminal/load_event.ts";
import { linesTo, updatingLine } from "../../src/cli/terminal/progress.ts";

const id = "20260930T141502_add_drb";
const waiting = (milliseconds: number): MigrationEvent => ({
  kind: "waiting",
  holder: "process 7",
  milliseconds,
});
const blocked = (by: string, milliseconds: number): MigrationEvent => ({
  kind: "blocked",
  id,
  step: 2,
  by,
  milliseconds,
});
const EVENTS: readonly MigrationEvent[] = [
  waiting(0),
  waiting(1000),
  waiting(2000),
  { kind: "locked" },
  { kind: "migration", id, direction: "up", steps: 2 },
  { kind: "step", id, step: 1, steps: 2, statement: "SELECT 1" },
  { kind: "step", id, step: 2, steps: 2, statement: "x".repeat(80) },
  { kind: "progress", id, step: 2, rows: 1, milliseconds: 1500 },
  { kind: "progress", id, step: 2, rows: 20_000, milliseconds: 1600 },
  blocked("process 8", 1200),
  blocked("process 8", 2200),
  blocked("process 9", 3200),
  {
    kind: "retry",
    id,
    step: 2,
    attempt: 2,
    reason: "lock timeout",
  },
  blocked("process 9", 1000),
  { kind: "done", id, direction: "up", milliseconds: 3_723_000 },
  { kind: "migration", id, direction: "down", steps: 1 },
];

Deno.test("in lines, a wait is printed once, and again after other events", () => {
  const lines: string[] = [];
  const progress = linesTo((line) => lines.push(line));
  EVENTS.forEach(progress.report);
  progress.end();
  assert.deepEqual(lines, [
    "Waiting for another migrating process, process 7",
    `Applying ${id}, 2 steps`,
    "  step 1 of 2: SELECT 1",
    `  step 2 of 2: ${"x".repeat(80)}`,
    "  step 2: 1 row so far, 1.5 s elapsed",
    "  step 2: 20000 rows so far, 1.6 s elapsed",
    "  step 2 waits for a lock held by process 8, 1.2 s elapsed",
    "  step 2 waits for a lock held by process 9, 3.2 s elapsed",
    "  step 2 is retried, attempt 2: lock timeout",
    "  step 2 waits for a lock held by process 9, 1.0 s elapsed",
    "  done in 1 h 2 min",
    `Rolling back ${id}, 1 step`,
  ]);
});

Deno.test("the wait for a lock that expires names the time limit", () => {
  const lines: string[] = [];
  const progress = linesTo((line) => lines.push(line));
  progress.report({
    kind: "waiting",
    holder: "process 7 on vm",
    milliseconds: 0,
    endsIn: 26_000,
  });
  assert.deepEqual(lines, [
    "Waiting for another migrating process, process 7 on vm; if it was killed, its lock expires within 26.0 s",
  ]);
});

Deno.test("at a terminal one line is updated, within its width, and cleared at the end", () => {
  const written: string[] = [];
  const progress = updatingLine((text) => written.push(text), () => 60);
  EVENTS.forEach(progress.report);
  progress.end();
  const clear = "\r\x1b[2K";
  assert.ok(written.every((text) => text.startsWith(clear)));
  const lines = written.map((text) => text.slice(clear.length));
  assert.ok(lines.every((line) => line.length < 60 && !line.includes("\n")));
  assert.ok(lines.includes(`${id}, step 1 of 2: SELECT 1`));
  const wait = `1.2 s  ${id}, step 2 waits for a lock held by process 8`;
  assert.ok(lines.includes(wait.slice(0, 59)));
  assert.equal(lines.at(-1), "");
  progress.end();
});

const loading = (bytes: number, totalBytes?: number): LoadEvent => ({
  kind: "load",
  file: "night.csv",
  rows: bytes / 100,
  bytes,
  totalBytes,
  rowsPerSecond: 80_000.4,
  elapsed: 30_000,
});

Deno.test("a load shows rows, rows per second, bytes and the time left", () => {
  assert.equal(
    loadText(loading(2_000_000, 8_000_000)),
    "night.csv: 20000 rows, 80000 rows/s, 2.0 MB of 8.0 MB (25 %), 1 min 30 s left",
  );
  assert.equal(
    loadText(loading(2e9)),
    "night.csv: 20000000 rows, 80000 rows/s, 2.0 GB",
  );
  assert.equal(loadBar(loading(50, 100)), "[##########----------] ");
  assert.equal(loadBar(loading(50)), "");
});

Deno.test("a short load prints no line, and updates the line of a terminal", () => {
  const lines: string[] = [];
  const progress = linesTo((line) => lines.push(line));
  progress.report(loading(1, 2));
  progress.report(loading(2, 2));
  assert.deepEqual(lines, []);
  const written: string[] = [];
  const terminal = updatingLine((text) => written.push(text), () => 200);
  terminal.report(loading(50, 100));
  terminal.end();
  assert.match(written.join(""), /\[#{10}-{10}\] night\.csv: /);
});
