import { createPlugin } from "./create-plugin.ts";

/** The entry that both hosts load. */
export default createPlugin();
