import type { Field } from "../../model/field.ts";
import type { AnyModel } from "../../model/types.ts";
import type { RowEncoder } from "../output/encoder.ts";
import { createParquetFile } from "./file.ts";
import { rowGroup } from "./row_group.ts";

/** The most rows of a row group. */
const GROUP_ROWS = 32_768;
/** The characters and bytes of texts after which a row group ends earlier. */
const GROUP_SIZE = 32 << 20;

/** Writes rows as Parquet, compressed with Snappy. Units and descriptions of the fields are metadata of the file. */
export async function parquetEncoder(
  model: AnyModel,
  fields: readonly Field[],
): Promise<RowEncoder> {
  const file = await createParquetFile(model, fields);
  const group = rowGroup(fields);
  return {
    begin: file.taken,
    encode(batch) {
      for (const row of batch) {
        group.add(row);
        if (group.rows() === GROUP_ROWS || group.size() > GROUP_SIZE) {
          file.write(group);
        }
      }
      return file.taken();
    },
    end() {
      file.write(group);
      file.finish();
      return file.taken();
    },
  };
}
