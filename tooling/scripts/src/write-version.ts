/** Writes the version that `changeset version` has chosen for all packages to the one place where they read it. */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { repositoryRoot } from "./repository.ts";

const { version } = JSON.parse(readFileSync(path.join(repositoryRoot, "packages/schema/package.json"), "utf8")) as {
  version: string;
};
const file = path.join(repositoryRoot, "packages/schema/src/version.ts");
writeFileSync(file, readFileSync(file, "utf8").replace(/VERSION = "[^"]*"/, `VERSION = "${version}"`));
