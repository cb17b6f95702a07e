import { join } from "node:path";

import envPaths from "env-paths";

/** A folder of this project in the user's cache folder (XDG_CACHE_HOME is honoured), the same for all clones. */
export function cacheFolder(name: string): string {
  return join(envPaths("vllm-typescript", { suffix: "" }).cache, name);
}
