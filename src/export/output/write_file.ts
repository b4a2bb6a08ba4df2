import {
  type FileHandle,
  open,
  realpath,
  rename,
  rm,
  stat,
} from "node:fs/promises";
import type { WriteParts } from "./write_parts.ts";

/**
 * Writes a file under a temporary name in the same folder, and renames it when it
 * is complete. If the work fails, the part is removed, and a file that had the name
 * stays as it was; if it succeeds, the new file has its permissions. A pipe or device is written directly.
 */
export async function writeFile(
  path: string,
  work: (write: WriteParts) => Promise<void>,
): Promise<void> {
  const existing = await stat(path).catch((error) => {
    if (error instanceof Error && Reflect.get(error, "code") === "ENOENT") {
      return;
    }
    throw error;
  });
  if (existing !== undefined && !existing.isFile()) {
    await using file = await open(path, "w");
    return await work((parts) => writeAll(file, parts));
  }
  // The target of a symbolic link is replaced, not the link.
  const target = existing === undefined ? path : await realpath(path);
  const part = `${target}.${crypto.randomUUID().slice(0, 8)}.part`;
  try {
    await using file = await open(part, "wx", existing?.mode);
    if (existing !== undefined) await file.chmod(existing.mode & 0o7777);
    await work((parts) => writeAll(file, parts));
    await file.sync();
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
  await rename(part, target);
}

async function writeAll(
  file: FileHandle,
  parts: AsyncIterable<Uint8Array>,
): Promise<void> {
  for await (const bytes of parts) {
    // A disk that is almost full takes a part of the bytes.
    for (let at = 0; at < bytes.length;) {
      at += (await file.write(bytes, at)).bytesWritten;
    }
  }
}
