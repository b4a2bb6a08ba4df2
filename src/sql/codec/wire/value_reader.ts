import type { Buffer } from "node:buffer";

/**
 * Reads a value of a received row, from PostgreSQL's binary format: `length`
 * bytes of `bytes`, from `at`. The view is that of the same bytes.
 *
 * @throws {UnreadableValue} if JavaScript cannot represent the value
 */
export type ValueReader<Value = unknown> = (
  bytes: Buffer,
  view: DataView,
  at: number,
  length: number,
) => Value;

/** A reader of texts. */
export type TextReader = ValueReader<string>;

/** A stored value that the requested JavaScript type cannot represent. The message continues a sentence that begins with the field. */
export class UnreadableValue extends Error {
  /** @param advice what to change in the model, as a sentence without a period */
  constructor(
    message: string,
    readonly advice?: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** @throws {UnreadableValue} if a value does not have the length of its type */
export function assertLength(length: number, expected: number): void {
  if (length !== expected) {
    throw new UnreadableValue(
      `has ${length} bytes, but its type has ${expected}`,
    );
  }
}
