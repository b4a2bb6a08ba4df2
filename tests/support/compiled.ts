import { Buffer } from "node:buffer";
import { join } from "node:path";
import { z } from "zod";

/** The content that `deno compile` embeds in a binary. */
export interface Compiled {
  /** How the program is run: permissions and entry point. */
  readonly metadata: CompiledMetadata;
  /** The embedded files by their paths. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** The bytes of the whole section. */
  readonly section: Buffer;
}

/** The bytes around the section: `MAGIC_BYTES` in Deno's `cli/lib/standalone/binary.rs`. */
const MAGIC = "d3n0l4nd";

/** How an embedded program is run. */
interface CompiledMetadata {
  readonly permissions: Readonly<Record<string, unknown>>;
  readonly entrypoint_key: string;
  readonly env_vars_from_env_file: Readonly<Record<string, string>>;
}

const Metadata: z.ZodType<CompiledMetadata> = z.object({
  permissions: z.record(z.string(), z.unknown()),
  entrypoint_key: z.string(),
  env_vars_from_env_file: z.record(z.string(), z.string()),
});

/** An entry of the list of files: a folder, a file with its position in the data, or a link. */
type Entry =
  | { readonly Dir: { readonly n: string; readonly e: readonly Entry[] } }
  | { readonly File: { readonly n: string; readonly o: [number, number] } }
  | { readonly Symlink: { readonly n: string } };

const Entry: z.ZodType<Entry> = z.union([
  z.object({
    Dir: z.object({
      n: z.string(),
      get e() {
        return z.array(Entry);
      },
    }),
  }),
  z.object({
    File: z.object({ n: z.string(), o: z.tuple([z.number(), z.number()]) }),
  }),
  z.object({ Symlink: z.object({ n: z.string() }) }),
]);

/** Reads the content of a binary: after the magic bytes the metadata, the npm packages, the remote modules, the list of files and their data. */
export async function readCompiled(path: string): Promise<Compiled> {
  const bytes = Buffer.from((await Deno.readFile(path)).buffer);
  const start = sectionStart(bytes);
  let at = start + MAGIC.length;
  const take = (length: number): Buffer => bytes.subarray(at, at += length);
  const long = (): number => Number(take(8).readBigUInt64LE());
  const short = (): number => take(4).readUInt32LE();
  const metadata = Metadata.parse(JSON.parse(take(long()).toString()));
  take(long());
  for (let specifiers = short(); specifiers > 0; specifiers--) {
    take(short() + 4);
  }
  const [redirects, remote] = [short(), short()];
  if (redirects + remote > 0) {
    throw new Error(
      "Found remote modules; expected npm packages only",
    );
  }
  const list = z.array(Entry).parse(JSON.parse(take(long()).toString()));
  const data = take(long());
  if (take(MAGIC.length).toString() !== MAGIC) {
    throw new Error("The section does not end with the magic bytes");
  }
  const files = new Map<string, Uint8Array>();
  collect(list, "", data, files);
  return { metadata, files, section: bytes.subarray(start, at) };
}

/** Finds the magic bytes before a length and JSON; Deno's own code contains them too. */
function sectionStart(bytes: Buffer): number {
  let at = bytes.indexOf(MAGIC);
  while (at >= 0) {
    const length = bytes.readBigUInt64LE(at + MAGIC.length);
    const json = at + MAGIC.length + 8;
    if (
      length < bytes.length && bytes.toString("latin1", json, json + 1) === "{"
    ) return at;
    at = bytes.indexOf(MAGIC, at + 1);
  }
  throw new Error("The binary has no embedded content");
}

function collect(
  entries: readonly Entry[],
  folder: string,
  data: Buffer,
  files: Map<string, Uint8Array>,
): void {
  for (const entry of entries) {
    if ("Dir" in entry) {
      collect(entry.Dir.e, join(folder, entry.Dir.n), data, files);
    } else if ("File" in entry) {
      const { n, o: [start, length] } = entry.File;
      files.set(join(folder, n), data.subarray(start, start + length));
    }
  }
}
