/** The header of a binary COPY: PostgreSQL's manual, "COPY", Binary Format. */
export const COPY_HEADER: Uint8Array = Uint8Array.of(
  ...[0x50, 0x47, 0x43, 0x4f, 0x50, 0x59, 0x0a, 0xff, 0x0d, 0x0a, 0x00],
  ...[0, 0, 0, 0, 0, 0, 0, 0],
);
/** The trailer of a binary COPY. */
export const COPY_TRAILER: Uint8Array = Uint8Array.of(0xff, 0xff);
