import { globSync, readFileSync } from "node:fs";
import path from "node:path";

/** Licences that ask for no more than to be named. */
const ALLOWED = new Set([
  "0BSD",
  "Apache-2.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "BlueOak-1.0.0",
  "CC0-1.0",
  "ISC",
  "MIT",
  "Unlicense",
]);

/** Installed packages whose licence is another one, as `name (licence)`. */
export function unusualLicences(project: string): string[] {
  const manifests = globSync("node_modules/**/package.json", { cwd: project })
    .filter((file) => /node_modules\/(?:@[^/]+\/)?[^/]+\/package\.json$/.test(file.replaceAll(path.sep, "/")))
    .map((file) => JSON.parse(readFileSync(path.join(project, file), "utf8")) as { name?: string; license?: unknown });
  return manifests
    .filter(({ license }) => !isAllowed(license))
    .map(({ name, license }) => `${name} (${String(license)})`);
}

/** An SPDX expression; of several licences joined with OR one is enough. */
function isAllowed(license: unknown): boolean {
  if (typeof license !== "string") return false;
  const isAlternative = / OR /.test(license);
  const names = license.replaceAll(/[()]/g, "").split(/ (?:OR|AND) /);
  return isAlternative ? names.some((name) => ALLOWED.has(name)) : names.every((name) => ALLOWED.has(name));
}
