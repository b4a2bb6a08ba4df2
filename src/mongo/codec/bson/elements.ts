import { decodeUtf8 } from "./decode_utf8.ts";

const decoder = new TextDecoder();

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}

/** The element names of a BSON document in order, up to the first element of unknown size. */
export function elementNames(document: Uint8Array): readonly string[] {
  const view = viewOf(document);
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

/** The documents in the array that is the only element of a document. */
export function itemsOfOnlyArray(document: Uint8Array): Uint8Array[] {
  const view = viewOf(document);
  const array = document.indexOf(0, 5) + 1;
  const end = array + view.getInt32(array, true) - 1;
  const items: Uint8Array[] = [];
  for (let position = array + 4; position < end;) {
    const item = document.indexOf(0, position + 1) + 1;
    position = item + view.getInt32(item, true);
    items.push(document.subarray(item, position));
  }
  return items;
}

/** Whether the names inside an element of a document are valid UTF-8, as far as its elements have known sizes. */
export function hasValidNames(document: Uint8Array, column: string): boolean {
  const view = viewOf(document);
  for (const { name, type, position } of elementsOf(document, view, 0)) {
    if (name === column) return areValid(document, view, type, position);
  }
  return true;
}

function areValid(
  bytes: Uint8Array,
  view: DataView,
  type: number,
  position: number,
): boolean {
  if (type !== 0x03 && type !== 0x04) return true;
  for (const element of elementsOf(bytes, view, position)) {
    if (element.name === undefined) return false;
    if (!areValid(bytes, view, element.type, element.position)) return false;
  }
  return true;
}

interface Element {
  /** Undefined if it is not valid UTF-8. */
  readonly name: string | undefined;
  readonly type: number;
  /** Where its value begins. */
  readonly position: number;
}

/** The elements of the document at a position, up to the first one of unknown size. */
function* elementsOf(
  bytes: Uint8Array,
  view: DataView,
  from: number,
): Generator<Element> {
  const end = from + view.getInt32(from, true) - 1;
  for (let position = from + 4; position < end;) {
    const type = view.getUint8(position);
    const nameEnd = bytes.indexOf(0, position + 1);
    const name = decodeUtf8(bytes, position + 1, nameEnd);
    yield { name, type, position: nameEnd + 1 };
    position = nameEnd + 1 + valueSize(view, type, nameEnd + 1);
  }
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
    case 0x05:
      return 5 + view.getInt32(position, true);
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
