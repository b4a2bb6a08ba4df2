/**
 * Returns JSON that keeps the difference between integers and floats: bigints
 * have all their digits, and floats beyond 2^53 have an exponent.
 */
export function jsonText(value: unknown): string {
  switch (typeof value) {
    case "bigint":
      return String(value);
    case "number":
      return numberText(value);
    case "object":
      return value === null ? "null" : objectText(value);
    default:
      return JSON.stringify(value) ?? "null";
  }
}

function numberText(value: number): string {
  if (!Number.isFinite(value)) return "null";
  if (Object.is(value, -0)) return "-0";
  return Number.isInteger(value) && !Number.isSafeInteger(value)
    ? value.toExponential()
    : String(value);
}

function objectText(value: object): string {
  if (Array.isArray(value)) return `[${value.map(jsonText).join(",")}]`;
  if (value instanceof Uint8Array) return JSON.stringify(value.toBase64());
  if (value instanceof Date) return JSON.stringify(value);
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .map(([name, member]) => `${JSON.stringify(name)}:${jsonText(member)}`);
  return `{${members.join(",")}}`;
}
