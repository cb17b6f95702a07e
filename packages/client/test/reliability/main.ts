/** `pnpm reliability`: measures what `docs/reliability.md` and its plot show, in a minute or two. */
import { writeFileSync } from "node:fs";
import { measureFaults } from "./measure-faults.ts";
import { plotSoak } from "./plot.ts";
import { soak } from "./soak.ts";
import { toReliabilityPage } from "./to-page.ts";

if (process.argv.includes("--help")) {
  process.stdout.write(
    "pnpm reliability\n\nMeasures every fault and a soak of 200 streams, in a minute or two, and writes docs/reliability.md and its plot.\n",
  );
  process.exit(0);
}
const docs = new URL("../../../../docs/", import.meta.url);
const faults = await measureFaults();
const soaked = await soak({ streams: 200, atOnce: 20, seed: 20_261_201 });
writeFileSync(new URL("reliability.md", docs), toReliabilityPage(faults, soaked));
writeFileSync(new URL("reliability.svg", docs), plotSoak(soaked));
process.stdout.write(`${faults.length} faults, ${soaked.streams} streams, ${soaked.wrong} with a wrong end\n`);
process.exit(soaked.wrong === 0 ? 0 : 1);
