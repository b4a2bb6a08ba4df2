/** Types of the compact protocol of Thrift that Parquet uses. */
const TRUE = 1;
const FALSE = 2;
const BYTE = 3;
const I16 = 4;
const I32 = 5;
const I64 = 6;
const DOUBLE = 7;
const BINARY = 8;
const LIST = 9;
const STRUCT = 12;
/** Levels of nested structures. Those of Parquet have fewer. */
const MAX_DEPTH = 32;

/**
 * Checks that a structure of the compact protocol of Thrift ends within its
 * bytes: a list that declares more items than there are bytes would take memory
 * before its first item is read.
 *
 * @param start the position of the structure
 * @throws {RangeError} if it does not
 */
export function assertThriftSizes(view: DataView, start: number): void {
  let at = start;
  const damaged = (): never => {
    throw new RangeError("a declared size is beyond the end");
  };
  const byte = (): number => {
    if (at >= view.byteLength) damaged();
    return view.getUint8(at++);
  };
  const varint = (): number => {
    let [value, factor] = [0, 1];
    for (let read = 0; read < 10; read++) {
      const next = byte();
      value += (next & 0x7f) * factor;
      if (next < 0x80) return value;
      factor *= 128;
    }
    return damaged();
  };
  const skip = (length: number): void => {
    if (length > view.byteLength - at) damaged();
    at += length;
  };
  const value = (type: number, depth: number): void => {
    switch (type) {
      case TRUE:
      case FALSE:
        return;
      case BYTE:
        return skip(1);
      case I16:
      case I32:
      case I64:
        return void varint();
      case DOUBLE:
        return skip(8);
      case BINARY:
        return skip(varint());
      case LIST: {
        const head = byte();
        const items = head >> 4 === 15 ? varint() : head >> 4;
        if (items > view.byteLength - at) damaged();
        const type = head & 15;
        const isFlag = type === TRUE || type === FALSE;
        for (let left = items; left > 0; left--) {
          value(isFlag ? BYTE : type, depth);
        }
        return;
      }
      case STRUCT:
        return struct(depth + 1);
      default:
        return damaged();
    }
  };
  const struct = (depth: number): void => {
    if (depth > MAX_DEPTH) damaged();
    for (;;) {
      const head = byte();
      if ((head & 15) === 0) return;
      if (head >> 4 === 0) varint();
      value(head & 15, depth);
    }
  };
  struct(0);
}
