/** Compressed data that is cut off or damaged. */
export class DamagedData extends Error {
  override readonly name = "DamagedData";
}
