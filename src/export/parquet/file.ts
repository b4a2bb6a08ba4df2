import { loadModule } from "../../base/load_module.ts";
import type { AnyModel } from "../../model/types.ts";
import type { ExportedField } from "./exported_field.ts";
import { fileMetadata } from "./metadata.ts";
import type { RowGroup } from "./row_group.ts";
import { columnSchema } from "./schema.ts";

/** A Parquet file that is being written. */
export interface ParquetFile {
  /** Writes the rows of a group, if it has some, and clears it. */
  write(group: RowGroup): void;
  /** Writes the end of the file. */
  finish(): void;
  /** Returns the bytes since the last call; at first, the beginning of the file. */
  taken(): Uint8Array;
}

/** Begins a Parquet file. It keeps the bytes that are not taken, and little about the groups before. */
export async function createParquetFile(
  model: AnyModel,
  fields: readonly ExportedField[],
): Promise<ParquetFile> {
  const { ByteWriter, ParquetWriter } = await loadModule(() =>
    import("hyparquet-writer")
  );
  const bytes = new ByteWriter();
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
  return {
    write(group) {
      if (group.rows() === 0) return;
      writer.write({
        columnData: [...group.columns],
        rowGroupSize: group.rows(),
      });
      group.clear();
    },
    finish: () => void writer.finish(),
    taken() {
      const part = bytes.getBytes().slice();
      bytes.index = 0;
      return part;
    },
  };
}
