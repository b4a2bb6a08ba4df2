import { statfs } from "node:fs/promises";

/** Where Linux keeps files in memory. */
const MEMORY = "/dev/shm";
/** Bytes that the data of all servers of a run fill at most, several times over. */
const ENOUGH = 8 * 1024 ** 3;
/** The variable that names the folder of the run. */
const VARIABLE = "DBP_TEST_SERVER_DIR";

/**
 * Creates a folder for the data of the run's servers: in memory if there is
 * much of it, since servers wait for the disk and spend time on it otherwise.
 *
 * @param otherwise the folder if there is little
 * @returns the folder
 */
export async function makeServersFolder(otherwise: string): Promise<string> {
  const folder = await hasMemory()
    ? await Deno.makeTempDir({ dir: MEMORY, prefix: "dbp-servers-" })
    : otherwise;
  // The servers run as another user.
  await Deno.chmod(folder, 0o755);
  Deno.env.set(VARIABLE, folder);
  return folder;
}

/**
 * Creates a folder for the data of one server.
 *
 * @param dir where (default: the folder of the run's servers)
 */
export async function makeServerFolder(
  prefix: string,
  dir: string | undefined = Deno.env.get(VARIABLE),
): Promise<string> {
  return await Deno.makeTempDir({
    prefix,
    ...dir === undefined ? {} : { dir },
  });
}

async function hasMemory(): Promise<boolean> {
  try {
    const { bavail, bsize } = await statfs(MEMORY);
    return bavail * bsize >= ENOUGH;
  } catch {
    return false;
  }
}
