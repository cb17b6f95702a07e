/**
 * A package is published without its devDependencies, which include private packages of this repository: CoderClaw installs a plugin by
 * running npm in the plugin's own folder, and npm looks every dependency up, even those that it then leaves out.
 */
export const hooks = {
  beforePacking(manifest) {
    return Object.fromEntries(Object.entries(manifest).filter(([field]) => field !== "devDependencies"));
  },
};
