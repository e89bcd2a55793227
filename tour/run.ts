import { parseArgs } from "node:util";
import { merge } from "./case-0-merge.ts";
import { replace } from "./case-1-replace.ts";
import { circles } from "./case-2-circles.ts";
import { naturalKeys } from "./case-2-natural-keys.ts";
import { runTour } from "./tour.ts";

// `npm run tour -- --url pglite:` plays it on another database, whose tables of the tour's names it creates and drops.
const { url } = parseArgs({ options: { url: { type: "string" } } }).values;
process.exitCode = (await runTour([merge, replace, circles, naturalKeys], process.stdout, url)) ? 0 : 1;
