import type { Field } from "../../model/field.ts";
import type { AnyModel } from "../../model/types.ts";
import type { RowEncoder } from "../output/encoder.ts";
import { columnValues } from "./column_values.ts";
import { fileMetadata } from "./metadata.ts";
import { columnSchema } from "./schema.ts";
import { loadModule } from "../../base/load_module.ts";

/** The most rows of a row group. */
const GROUP_ROWS = 32_768;
/** The characters and bytes of texts after which a row group ends earlier. */
const GROUP_SIZE = 32 << 20;

/** Writes rows as Parquet, compressed with Snappy. Units and descriptions of the fields are metadata of the file. */
export async function parquetEncoder(
  model: AnyModel,
  fields: readonly Field[],
): Promise<RowEncoder> {
  const { ByteWriter, ParquetWriter } = await loadModule(() =>
    import("hyparquet-writer")
  );
  const bytes = new ByteWriter(1 << 20);
  const writer = new ParquetWriter({
    writer: bytes,
    schema: [
      { name: "schema", num_children: fields.length },
      ...fields.flatMap((field) =>
        columnSchema(field, model.primaryKey.includes(field.name))
      ),
    ],
    kvMetadata: fileMetadata(model, fields),
    createdBy: "@alerce/db-plugins",
  });
  const columns = fields.map(({ name, type }) => ({
    name,
    column: columnValues(name, type),
  }));
  let [rows, size] = [0, 0];

  const written = (): Uint8Array => {
    const part = bytes.getBytes().slice();
    bytes.index = 0;
    return part;
  };
  const writeGroup = (): void => {
    if (rows === 0) return;
    writer.write({
      columnData: columns.map(({ name, column }) => ({
        name,
        // Read when the column is written: the values of one column at a time are in memory twice.
        get data() {
          return column.values();
        },
      })),
      rowGroupSize: rows,
    });
    for (const { column } of columns) column.clear();
    [rows, size] = [0, 0];
  };
  return {
    begin: written,
    encode(batch) {
      for (const row of batch) {
        for (const { column } of columns) size += column.add(row);
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
