/** Begins the line that announces a test file to the report. */
export const ANNOUNCEMENT = "Tests of a file: ";

/** A test file that was loaded, and the number of its tests. */
export interface Announcement {
  readonly file: string;
  readonly tests: number;
}

/** The numbers of tests. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** The tests of a file that have ended. */
interface Progress {
  readonly tests: number;
  /** Milliseconds when it was loaded. */
  readonly loaded: number;
  /** Milliseconds that its tests took. */
  duration: number;
  ended: number;
  failed: number;
}

/** How many of the slowest files the end of the report lists. */
const SLOWEST = 8;
/** The report does not list files that took fewer milliseconds. */
const SLOW = 5_000;

/** The command of the README that runs some tests. */
const COMMAND = "npx -y deno@2.9.6 task test";
/** What Deno writes when a test of a group of files ends. */
const RESULT =
  /^(\S+) => (.+?): (.*) \.\.\. (ok|FAILED|ignored|cancelled)(?: \(.*\))*$/;
/** What it writes around the output of tests, the end behind what the test left without a line end. */
const OUTPUT_MARK =
  /^-{5,} .*output -{5,}$|(?:\S+ => .* \.\.\.)?-{5} .*output end -{5}$/;
/** What it writes when all tests have ended. */
const SUMMARY =
  /^(?:ok|FAILED) \| (\d+) passed.*? \| (\d+) failed(?:.*? \| (\d+) ignored)?/;

/**
 * Reads what `deno test --parallel` writes about groups of test files. Prints
 * one line when the last test of a file ends, and the failures at the end.
 */
export class TestReport {
  readonly #files: readonly string[];
  readonly #print: (line: string) => void;
  readonly #now: () => number;
  readonly #progress = new Map<string, Progress>();
  readonly #lastResult = new Map<string, number>();
  readonly #failures: { readonly file: string; readonly name: string }[] = [];
  readonly #details: string[] = [];
  #section: "tests" | "errors" | "failures" = "tests";
  #finished = 0;
  #counts: Counts | undefined;

  /**
   * @param files the files that are tested
   * @param print writes a line
   * @param now returns the time in milliseconds
   */
  constructor(
    files: readonly string[],
    print: (line: string) => void,
    now: () => number = Date.now,
  ) {
    this.#files = files;
    this.#print = print;
    this.#now = now;
  }

  /** Reads a line of Deno's output. */
  read(colored: string): void {
    // deno-lint-ignore no-control-regex
    const line = colored.replace(/\x1b\[[\d;]*m/g, "");
    const [, passed, failed, skipped = "0"] = SUMMARY.exec(line) ?? [];
    const [, module, file, name, result] = RESULT.exec(line) ?? [];
    const progress = this.#progress.get(file ?? "");
    if (line === " ERRORS ") this.#section = "errors";
    else if (line === " FAILURES ") this.#section = "failures";
    else if (passed !== undefined) {
      this.#counts = {
        passed: Number(passed),
        failed: Number(failed),
        skipped: Number(skipped),
      };
    } else if (this.#section === "errors") this.#details.push(colored);
    else if (this.#section === "failures") return;
    else if (line.startsWith(ANNOUNCEMENT)) {
      this.#announced(JSON.parse(line.slice(ANNOUNCEMENT.length)));
    } else if (file && module && name && progress) {
      if (result === "FAILED" || result === "cancelled") {
        progress.failed++;
        this.#failures.push({ file, name });
      }
      this.#testEnded(module, file, progress);
    } else {
      const output = line.replace(OUTPUT_MARK, "");
      if (output !== "") this.#print(output === line ? colored : output);
    }
  }
  /** Prints the slowest files and the failures. Returns the counts; a file whose tests did not all end counts as one failure. */
  end(): Counts {
    const slowest = [...this.#progress].filter(([, { duration }]) =>
      duration >= SLOW
    ).sort(([, one], [, other]) => other.duration - one.duration)
      .slice(0, SLOWEST);
    if (slowest.length > 1) {
      this.#print("The slowest files:");
      for (const [file, { duration }] of slowest) {
        this.#print(`  ${secondsOf(duration)}  ${file}`);
      }
    }
    if (this.#details.length > 0) {
      this.#print(`\n${this.#details.join("\n").trim()}\n`);
    }
    for (const { file, name } of this.#failures) {
      this.#print(`FAILED ${file}: ${name}`);
      const quoted = `'${name.replaceAll("'", `'\\''`)}'`;
      this.#print(`  Run it alone: ${COMMAND} ${file} --filter ${quoted}`);
    }
    const unfinished = this.#files.filter((file) => !this.#isFinished(file));
    for (const file of unfinished) {
      this.#print(`FAILED ${file}: not every test ended`);
      this.#print(`  Run it alone: ${COMMAND} ${file}`);
    }
    const { passed, failed, skipped } = this.#counts ??
      { passed: 0, failed: 0, skipped: 0 };
    return { passed, failed: failed + unfinished.length, skipped };
  }

  #announced({ file, tests }: Announcement): void {
    const progress = {
      tests,
      loaded: this.#now(),
      duration: 0,
      ended: 0,
      failed: 0,
    };
    this.#progress.set(file, progress);
    if (tests === 0) this.#fileEnded(file, progress);
  }

  #testEnded(module: string, file: string, progress: Progress): void {
    const now = this.#now();
    progress.duration += now -
      (this.#lastResult.get(module) ?? progress.loaded);
    progress.ended++;
    this.#lastResult.set(module, now);
    if (progress.ended === progress.tests) this.#fileEnded(file, progress);
  }

  #fileEnded(file: string, { tests, duration, failed }: Progress): void {
    this.#finished++;
    const count = `${tests} ${tests === 1 ? "test" : "tests"}`;
    const parts = [
      `[${this.#finished}/${this.#files.length}] ${
        failed > 0 ? "FAILED" : "ok"
      }`,
      file,
      failed > 0 ? `${count}, ${failed} failed` : count,
      secondsOf(duration),
    ];
    this.#print(parts.join("  "));
  }

  #isFinished(file: string): boolean {
    const progress = this.#progress.get(file);
    return progress !== undefined && progress.ended >= progress.tests;
  }
}

function secondsOf(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
