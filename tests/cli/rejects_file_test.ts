// The file of `--rejects` on a disk that fills within a line.
import assert from "node:assert/strict";
import { join } from "node:path";
import { ROOT } from "../support/program.ts";

const PROGRAM = `
import { openRejects } from "file://${ROOT}src/cli/run/rejects_file.ts";
await using file = await openRejects(Deno.args[0] ?? "", true, "Free some space");
try {
  for (let line = 1; line < 20; line++) {
    await file.write({ file: "a.csv", line, problems: [], row: { name: "x".repeat(100) } });
  }
} catch (error) {
  console.log(error instanceof Error && error.message);
}`;

Deno.test("the file of rejected rows keeps whole lines when its disk is full", async () => {
  const folder = await Deno.makeTempDir();
  const [main, rejects] = [join(folder, "main.ts"), join(folder, "rejects")];
  try {
    await Deno.writeTextFile(main, PROGRAM);
    await Deno.writeTextFile(rejects, "before\n");
    // A file of this process may have 1,024 bytes: the system writes a part of the line that exceeds it.
    const script =
      `trap '' XFSZ; ulimit -f 2; exec "$0" run -A --no-check "--config=$1" "$2" "$3"`;
    const { stdout } = await new Deno.Command("sh", {
      args: [
        ...["-c", script, Deno.execPath()],
        ...[`${ROOT}deno.json`, main, rejects],
      ],
    }).output();
    assert.match(
      new TextDecoder().decode(stdout),
      /^Cannot write the rejected row of a\.csv, line 7, to .*EFBIG.*Free some space\n$/,
    );
    const lines = (await Deno.readTextFile(rejects)).split("\n");
    assert.deepEqual([lines.length, lines[0], lines.at(-1)], [8, "before", ""]);
    assert.ok(lines.slice(1, -1).every((line) => JSON.parse(line).row.name));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
