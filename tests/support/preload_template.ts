// A process that loads this first copies the template of the run for each PGlite.
import { copyTemplate } from "./pglite_template.ts";

copyTemplate();
