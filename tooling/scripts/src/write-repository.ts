/**
 * Before a release, writes into every package where the repository is (npm publishes with provenance only what says so), and makes the
 * links of its README absolute, which npm's page needs. `node write-repository.ts OWNER/NAME`, default GITHUB_REPOSITORY.
 */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { toAbsoluteLinks } from "./release/to-absolute-links.ts";
import { publishedPackages, repositoryRoot } from "./repository.ts";

const name = process.argv[2] ?? process.env["GITHUB_REPOSITORY"] ?? "";
if (!/^[\w.-]+\/[\w.-]+$/.test(name)) throw new Error("Name the repository: write-repository.ts OWNER/NAME");
const url = `https://github.com/${name}`;

for (const { directory } of publishedPackages()) {
  const folder = path.relative(repositoryRoot, directory).replaceAll(path.sep, "/");
  const manifestFile = path.join(directory, "package.json");
  const manifest = JSON.parse(readFileSync(manifestFile, "utf8")) as Record<string, unknown>;
  const pages = {
    repository: { type: "git", url: `git+${url}.git`, directory: folder },
    homepage: `${url}/tree/main/${folder}#readme`,
    bugs: `${url}/issues`,
  };
  writeFileSync(manifestFile, `${JSON.stringify({ ...manifest, ...pages }, undefined, 2)}\n`);
  const readmeFile = path.join(directory, "README.md");
  writeFileSync(readmeFile, toAbsoluteLinks(readFileSync(readmeFile, "utf8"), { folder, url }));
}
