const decoder = new TextDecoder();

/** The element names of a BSON document in order, up to the first element of unknown size. */
export function elementNames(document: Uint8Array): readonly string[] {
  const view = new DataView(
    document.buffer,
    document.byteOffset,
    document.byteLength,
  );
  const names: string[] = [];
  for (let position = 4; position < document.length - 1;) {
    const nameEnd = document.indexOf(0, position + 1);
    const size = valueSize(view, document[position], nameEnd + 1);
    if (Number.isNaN(size)) break;
    names.push(decoder.decode(document.subarray(position + 1, nameEnd)));
    position = nameEnd + 1 + size;
  }
  return names;
}

/** The size in bytes of a value of a BSON type; NaN for rare types. */
export function valueSize(
  view: DataView,
  type: number | undefined,
  position: number,
): number {
  switch (type) {
    case 0x01:
    case 0x09:
    case 0x12:
      return 8;
    case 0x03:
    case 0x04:
      return view.getInt32(position, true);
    case 0x02:
      return 4 + view.getInt32(position, true);
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
