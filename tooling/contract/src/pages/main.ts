/** `pnpm pages`: writes the pages of `docs/` that are made of data. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pages, repositoryRoot } from "./pages.ts";

if (process.argv.includes("--help")) {
  console.log(
    "pnpm pages\n\nWrites docs/contract.md, docs/compatibility.md and the other pages that are made of data.",
  );
  process.exit(0);
}
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
