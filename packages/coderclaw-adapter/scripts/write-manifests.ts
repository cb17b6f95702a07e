import { writeFileSync } from "node:fs";
import { coderClawManifest, openClawManifest } from "../src/plugin/manifests.ts";

/** `pnpm manifests`: writes the two manifests from the schemas. A test pins them. */
for (const [name, manifest] of [
  ["coderclaw.plugin.json", coderClawManifest()],
  ["openclaw.plugin.json", openClawManifest()],
] as const) {
  writeFileSync(new URL(`../${name}`, import.meta.url), `${JSON.stringify(manifest, null, 2)}\n`);
}
