/** `pnpm pages`: writes the pages of `docs/` that are made of data. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pages, repositoryRoot } from "./pages.ts";

for (const [name, text] of Object.entries(pages())) {
  const path = join(repositoryRoot, "docs", name);
  let before = "";
  try {
    before = readFileSync(path, "utf8");
  } catch {
    // A page that is new.
  }
  if (before !== text) writeFileSync(path, text);
  console.log(`docs/${name}: ${before === text ? "is up to date" : "written"}`);
}
