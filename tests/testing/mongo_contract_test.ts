import { contract } from "@alerce/db-plugins/testing";
import { mongoEngine } from "../support/engines.ts";
import { withoutMongo } from "../support/mongo_server.ts";

if (withoutMongo) Deno.test.ignore("mongodb: the contract suite", () => {});
else contract(mongoEngine);
