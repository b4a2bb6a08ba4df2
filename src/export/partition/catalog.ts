import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { AnyModel } from "../../model/types.ts";
import type { ExportedField } from "../parquet/exported_field.ts";
import { createParquetFile } from "../parquet/file.ts";
import { CELL_COLUMN, type Partition } from "./partition.ts";

/** What a catalog says about its files. */
interface Catalog {
  readonly model: AnyModel;
  readonly partition: Extract<Partition, { kind: "cells" }>;
  readonly fields: readonly ExportedField[];
  /** The number of rows of each cell. */
  readonly counts: ReadonlyMap<number, number>;
  readonly onBytes: (count: number) => void;
}

/** Writes the files of a HATS catalog beside those of its cells: properties, the cells and their rows, and the columns. */
export async function writeCatalog(
  folder: string,
  { model, partition, fields, counts, onBytes }: Catalog,
): Promise<void> {
  const cells = [...counts].sort(([one], [other]) => one - other);
  const rows = cells.map(([, rows]) => rows);
  const properties = propertiesText({
    obs_collection: model.table,
    dataproduct_type: "object",
    hats_nrows: rows.reduce((sum, count) => sum + count, 0),
    hats_col_ra: partition.ra,
    hats_col_dec: partition.dec,
    hats_col_healpix: CELL_COLUMN,
    hats_col_healpix_order: 29,
    hats_npix_suffix: ".parquet",
    hats_max_rows: rows.reduce((most, count) => Math.max(most, count), 0),
    hats_order: partition.order,
    hats_builder: "@alerce/db-plugins",
    hats_version: "v1.0",
  });
  const info = [
    "Norder,Npix,num_rows",
    ...cells.map(([cell, rows]) => `${partition.order},${cell},${rows}`),
  ].join("\n");
  const columns = await createParquetFile(model, fields);
  columns.finish();
  await mkdir(join(folder, "dataset"), { recursive: true });
  for (
    const [name, content] of [
      ["hats.properties", properties],
      ["properties", properties],
      ["partition_info.csv", `${info}\n`],
      ["dataset/_common_metadata", columns.taken()],
    ] as const
  ) {
    await writeFile(join(folder, name), content);
    onBytes(content.length);
  }
}

/** Returns the text of a properties file, as Java reads it. */
function propertiesText(
  properties: Readonly<Record<string, string | number>>,
): string {
  const lines = Object.entries(properties).map(([name, value]) =>
    `${name}=${String(value).replaceAll(/[\\=:#!]|^ /g, String.raw`\$&`)}`
  );
  return ["#HATS catalog", ...lines, ""].join("\n");
}
