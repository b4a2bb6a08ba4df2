const SERIAL: Readonly<Record<string, string>> = {
  smallint: "smallserial",
  int2: "smallserial",
  integer: "serial",
  int: "serial",
  int4: "serial",
  bigint: "bigserial",
  int8: "bigserial",
};

/** Returns the serial type of an integer type, which creates a sequence too. */
export function serialType(type: string): string {
  return SERIAL[type.toLowerCase()] ?? type;
}
