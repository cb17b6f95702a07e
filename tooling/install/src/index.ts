export { cacheFolder } from "./cache-folder.ts";
export { installPackages } from "./install-packages.ts";
export { exists, makeOnce, type MakeOnceOptions } from "./make-once.ts";
