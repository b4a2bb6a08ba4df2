/** Writes parts of a file, one after the other. */
export type WriteParts = (parts: AsyncIterable<Uint8Array>) => Promise<void>;
