// Connects to the settings of the argument and reads one object.
import { connect } from "@alerce/db-plugins";
import { AstroObject } from "@alerce/db-plugins/models";

await using db = await connect(JSON.parse(Deno.args[0] ?? ""));
const row = await db.query(AstroObject).findOne({ filterBy: { oid: "ZTF1" } });
if (row?.oid !== "ZTF1") throw new Error("The object is missing");
