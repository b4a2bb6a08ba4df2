import { MemoryFS, PGlite, type PGliteOptions } from "@electric-sql/pglite";
import { readdirSync } from "node:fs";
import { cp } from "node:fs/promises";
import { join } from "node:path";

/** A folder or file of the template; a folder is listed before its content. */
interface Entry {
  /** Its path below the folder of the data. */
  readonly path: string;
  /** Undefined for a folder. */
  readonly file?: {
    readonly size: number;
    /** The content without the zeros at its end, which fill most of a log segment. */
    readonly start: Uint8Array;
  };
}

/** The functions of Emscripten's file system that are used here. */
interface EmscriptenFiles {
  mkdirTree(path: string): void;
  writeFile(
    path: string,
    content: Uint8Array,
    options: { canOwn: boolean },
  ): void;
}

/** Where PGlite keeps its data in its own file system. */
const DATA = "/pglite/data";
/** Less than the 128 MB that each PGlite would fill with zeros when it starts. */
const SHARED_BUFFERS = "16MB";

/** The variable that names the folder of the template. */
const VARIABLE = "DBP_TEST_PGLITE_TEMPLATE";

/** Writes an initialized PGlite into a folder, which {@link copyTemplate} reads. */
export async function writeTemplate(folder: string): Promise<void> {
  const db = await PGlite.create(folder);
  await db.exec(`alter system set shared_buffers = '${SHARED_BUFFERS}'`);
  // Without a checkpoint, each copy would replay the log.
  await db.exec("checkpoint");
  await db.close();
}

/**
 * Makes each new PGlite of this isolate a copy of the template of the run. A
 * copy is ready in a tenth of the time that initdb takes.
 */
export function copyTemplate(): void {
  const template = Deno.env.get(VARIABLE);
  if (template === undefined) return;
  const create = PGlite.create.bind(PGlite);
  let entries: Promise<readonly Entry[]> | undefined;
  const copied = async (options: PGliteOptions): Promise<PGlite> => {
    const { dataDir, fs, loadDataDir } = options;
    if (fs !== undefined || loadDataDir !== undefined) {
      return await create(options);
    }
    if (dataDir === undefined || dataDir.startsWith("memory://")) {
      entries ??= entriesOf(template);
      return await create({ ...options, fs: new CopiedFS(await entries) });
    }
    if (isEmpty(dataDir)) await cp(template, dataDir, { recursive: true });
    return await create(options);
  };
  Object.assign(PGlite, {
    create: (first?: string | PGliteOptions, second?: PGliteOptions) =>
      copied(
        typeof first === "string"
          ? { dataDir: first, ...second }
          : first ?? second ?? {},
      ),
  });
}

/** Copies the template of the run into a folder that another process opens: initdb would take it three seconds. */
export async function initializePglite(folder: string): Promise<void> {
  const template = Deno.env.get(VARIABLE);
  if (template !== undefined) await cp(template, folder, { recursive: true });
}

/** A file system in memory that contains a copy of the template. */
class CopiedFS extends MemoryFS {
  readonly #entries: readonly Entry[];

  constructor(entries: readonly Entry[]) {
    super();
    this.#entries = entries;
  }

  override initialSyncFs(): Promise<void> {
    const files = this.pg?.Module.FS as EmscriptenFiles;
    for (const { path, file } of this.#entries) {
      const target = `${DATA}/${path}`;
      if (file === undefined) {
        files.mkdirTree(target);
        continue;
      }
      const content = new Uint8Array(file.size);
      content.set(file.start);
      files.writeFile(target, content, { canOwn: true });
    }
    return Promise.resolve();
  }
}

async function entriesOf(folder: string, below = ""): Promise<Entry[]> {
  const entries: Entry[] = below === "" ? [] : [{ path: below }];
  for await (const { name, isDirectory } of Deno.readDir(join(folder, below))) {
    const path = join(below, name);
    if (isDirectory) entries.push(...await entriesOf(folder, path));
    else {
      const bytes = await Deno.readFile(join(folder, path));
      let end = bytes.length;
      while (bytes[end - 1] === 0) end--;
      entries.push({
        path,
        file: { size: bytes.length, start: bytes.slice(0, end) },
      });
    }
  }
  return entries;
}

/** Whether a folder is missing or empty. */
function isEmpty(folder: string): boolean {
  try {
    return readdirSync(folder).length === 0;
  } catch {
    return true;
  }
}
