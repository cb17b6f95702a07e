import { createPlugin } from "./create-plugin.ts";

/** The entry that both agents load. */
export default createPlugin();
