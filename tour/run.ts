import { merge } from "./case-0-merge.ts";
import { replace } from "./case-1-replace.ts";
import { circles } from "./case-2-circles.ts";
import { naturalKeys } from "./case-2-natural-keys.ts";
import { runTour } from "./tour.ts";

process.exitCode = (await runTour([merge, replace, circles, naturalKeys], process.stdout)) ? 0 : 1;
