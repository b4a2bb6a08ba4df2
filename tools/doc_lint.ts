// deno-lint-ignore-file no-console
// Checks that the documentation of every entry point is complete.
//   deno run --allow-read --allow-run tools/doc_lint.ts
import { fileURLToPath } from "node:url";
import meta from "../deno.json" with { type: "json" };

const ROOT = fileURLToPath(new URL("../", import.meta.url));

/** Types that the linter calls private, but that are public in other packages. */
const PUBLIC_ELSEWHERE = [
  // kysely
  ...["Kysely", "SelectQueryBuilder", "ColumnType"],
  // mongodb
  ...["Collection", "Db"],
  // zod
  ...["ZodCustom", "ZodNumberFormat", "ZodType", "input", "output"],
];

/**
 * Returns the findings of `deno doc --lint` in modules.
 *
 * @param modules paths relative to the root of the package
 */
export async function docLint(modules: readonly string[]): Promise<string[]> {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["doc", "--lint", "--quiet", ...modules],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
    stdout: "null",
    stderr: "piped",
  }).output();
  const text = new TextDecoder().decode(stderr).trim();
  const found = text.split(/\n(?=error)/).filter((part) =>
    part.startsWith("error[")
  );
  // The linter may fail before it lints, for example on an unreadable module.
  if (code !== 0 && found.length === 0) return [text];
  return found.filter((finding) => !isPublicElsewhere(finding));
}

function isPublicElsewhere(finding: string): boolean {
  const [, name = ""] =
    /^error\[private-type-ref\]: .* references private type '([^']+)'/
      .exec(finding) ?? [];
  return PUBLIC_ELSEWHERE.includes(name);
}

if (import.meta.main) {
  const findings = await docLint(Object.values(meta.exports));
  for (const finding of findings) console.error(finding.trim(), "\n");
  console.log(
    findings.length === 0
      ? "The documentation is complete"
      : `${findings.length} problems in the documentation`,
  );
  Deno.exit(findings.length === 0 ? 0 : 1);
}
