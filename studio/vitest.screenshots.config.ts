import { mergeConfig } from "vitest/config";
import endToEnd from "./vitest.e2e.config";

/** `make studio-screenshots`: the pictures of docs/studio/. No test, and so no part of CI. */
const config = mergeConfig(endToEnd, {});
config.test.include = ["tests/screenshots/take.ts"];
export default config;
