// Every module of the package. `task ok` checks their source from here with the default compiler options, as a project that links a checkout does.
import "@alerce/db-plugins";
import "@alerce/db-plugins/cli";
import "@alerce/db-plugins/engine";
import "@alerce/db-plugins/export";
import "@alerce/db-plugins/load";
import "@alerce/db-plugins/migrate";
import "@alerce/db-plugins/models";
import "@alerce/db-plugins/models/mongo";
import "@alerce/db-plugins/mongo";
import "@alerce/db-plugins/sql";
import "@alerce/db-plugins/testing";
import "@alerce/db-plugins/ztf";
