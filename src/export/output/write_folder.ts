import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { FileError } from "../../base/errors/mod.ts";

/**
 * Writes a folder under a temporary name beside it, and renames it when it is
 * complete. If the work fails, the temporary folder is removed.
 *
 * @throws {FileError} if the folder exists and is not empty
 */
export async function writeFolder(
  path: string,
  work: (part: string) => Promise<void>,
): Promise<void> {
  const target = path.replace(/\/+$/, "");
  const existing = await readdir(target).catch((error) => {
    if (error instanceof Error && Reflect.get(error, "code") === "ENOENT") {
      return [];
    }
    throw error;
  });
  if (existing.length > 0) {
    throw new FileError(
      `Cannot write the folder ${target}: it exists and is not empty. Remove it, or choose another name`,
      { path: target },
    );
  }
  const part = `${target}.${crypto.randomUUID().slice(0, 8)}.part`;
  try {
    await mkdir(part);
    await work(part);
    await rename(part, target);
  } catch (error) {
    await rm(part, { recursive: true, force: true });
    throw error;
  }
}
