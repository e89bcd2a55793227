/** Tests for drivers of one's own: `import { driverConformance } from "alkahest/testing"`. */

export { driverConformance } from "./testing/conformance.ts";
export type { DriverUnderTest, TestRunner } from "./testing/runner.ts";
