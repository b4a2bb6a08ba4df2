import type { Field } from "../../model/field.ts";
import type { AnyModel } from "../../model/types.ts";
import type { RowEncoder } from "../output/encoder.ts";
import { fileMetadata } from "./metadata.ts";
import { parquetColumn } from "./schema.ts";

/** The most rows of a row group. */
const GROUP_ROWS = 65_536;
/** The characters and bytes of texts after which a row group ends earlier. */
const GROUP_SIZE = 32 << 20;

/** Writes rows as Parquet, compressed with Snappy. Units and descriptions of the fields are metadata of the file. */
export async function parquetEncoder(
  model: AnyModel,
  fields: readonly Field[],
): Promise<RowEncoder> {
  const { ByteWriter, ParquetWriter } = await import("hyparquet-writer");
  const bytes = new ByteWriter(1 << 20);
  const columns = fields.map((field) =>
    parquetColumn(field, model.primaryKey.includes(field.name))
  );
  const writer = new ParquetWriter({
    writer: bytes,
    schema: [
      { name: "schema", num_children: columns.length },
      ...columns.flatMap(({ elements }) => elements),
    ],
    kvMetadata: fileMetadata(model, fields),
    createdBy: "@alerce/db-plugins",
  });
  let data: unknown[][] = columns.map(() => []);
  let [rows, size] = [0, 0];

  const written = (): Uint8Array => {
    const part = bytes.getBytes().slice();
    bytes.index = 0;
    return part;
  };
  const writeGroup = (): void => {
    if (rows === 0) return;
    writer.write({
      columnData: columns.map(({ name }, index) => ({
        name,
        data: data[index] ?? [],
      })),
      rowGroupSize: rows,
    });
    data = columns.map(() => []);
    [rows, size] = [0, 0];
  };
  return {
    begin: written,
    encode(batch) {
      for (const row of batch) {
        for (const [index, { name, stored }] of columns.entries()) {
          const value: unknown = Reflect.get(row, name);
          const form = value === null || value === undefined
            ? null
            : stored(value);
          size += sizeOf(form);
          data[index]?.push(form);
        }
        rows++;
        if (rows === GROUP_ROWS || size > GROUP_SIZE) writeGroup();
      }
      return written();
    },
    end() {
      writeGroup();
      writer.finish();
      return written();
    },
  };
}

function sizeOf(value: unknown): number {
  return typeof value === "string" || value instanceof Uint8Array ||
      Array.isArray(value)
    ? value.length
    : 0;
}
