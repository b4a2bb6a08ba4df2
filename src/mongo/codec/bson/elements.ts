const decoder = new TextDecoder();

/** The names of a document's elements, in their order, up to the first whose size is not known. */
export function elementsOf(document: Uint8Array): readonly string[] {
  const view = new DataView(
    document.buffer,
    document.byteOffset,
    document.byteLength,
  );
  const names: string[] = [];
  for (let at = 4; at < document.length - 1;) {
    const zero = document.indexOf(0, at + 1);
    const size = sizeOf(view, document[at], zero + 1);
    if (Number.isNaN(size)) break;
    names.push(decoder.decode(document.subarray(at + 1, zero)));
    at = zero + 1 + size;
  }
  return names;
}

/** How many bytes a value of a type takes; NaN for the types that are rare. */
export function sizeOf(
  view: DataView,
  type: number | undefined,
  at: number,
): number {
  switch (type) {
    case 0x01:
    case 0x09:
    case 0x12:
      return 8;
    case 0x03:
    case 0x04:
      return view.getInt32(at, true);
    case 0x02:
      return 4 + view.getInt32(at, true);
    case 0x07:
      return 12;
    case 0x08:
      return 1;
    case 0x0a:
      return 0;
    case 0x10:
      return 4;
    default:
      return NaN;
  }
}
