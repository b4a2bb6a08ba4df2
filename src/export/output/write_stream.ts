import { untilAborted } from "../../query/limit/limit.ts";
import type { WriteParts } from "./write_parts.ts";

/** Writes to a stream, and closes it at the end. If the work fails, the stream is aborted. */
export async function writeStream(
  stream: WritableStream<Uint8Array>,
  work: (write: WriteParts) => Promise<void>,
  signal: AbortSignal = new AbortController().signal,
): Promise<void> {
  const writer = stream.getWriter();
  try {
    await work(async (parts) => {
      for await (const bytes of parts) {
        await untilAborted(signal, writer.write(bytes));
      }
    });
    await writer.close();
  } catch (error) {
    // A reader that takes nothing more would delay the end of the abort.
    writer.abort(error).catch(() => {});
    writer.closed.catch(() => {});
    throw error;
  } finally {
    writer.releaseLock();
  }
}
