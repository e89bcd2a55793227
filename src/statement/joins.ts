import { FromClause } from "../expression/from.ts";
