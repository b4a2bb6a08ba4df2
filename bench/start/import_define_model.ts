import { defineModel } from "@alerce/db-plugins";

void defineModel;
