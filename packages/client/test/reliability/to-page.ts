import type { FaultRow } from "./measure-faults.ts";
import type { SoakResult } from "./soak.ts";

/** `docs/reliability.md`. Times are those of the machine that measured. */
export function toReliabilityPage(faults: readonly FaultRow[], soaked: SoakResult): string {
  const rows = faults.map(
    ({ fault, code, message, requests, ms }) =>
      `| \`${fault}\` | ${code} | ${message.replaceAll("|", "\\|")} | ${requests} | ${ms} |`,
  );
  const { streams, latenciesMs, samples, wrong, socketsAfter, seed } = soaked;
  const good = latenciesMs.filter(({ isFault }) => !isFault).map(({ ms }) => ms);
  const heaps = samples.map(({ heapMiB }) => heapMiB);
  return `# What was tried, and what a program sees

Written by \`pnpm reliability\`, which takes a minute or two. Times are those of the machine that measured, on loopback; a test holds the rest.

## Faults

Each against the client with \`firstTokenMs: 1000\` and \`idleMs: 400\`, so that silence ends soon; everything else as it is by default. A server
that fails before the first byte is asked up to three times.

| fault | code | message | requests | ms |
| ----- | ---- | ------- | -------: | -: |
${rows.join("\n")}

## A soak

${streams} streams, 20 at once, ${soaked.faults} of them on servers that fail in ten ways (seed ${seed}): ${wrong} ended in another way than their
server's fault leads to. A good stream took ${quantile(good, 0.5)} ms in the median and ${quantile(good, 0.99)} ms at the 99th percentile; the heap was
between ${Math.round(Math.min(...heaps))} and ${Math.round(Math.max(...heaps))} MiB; ${socketsAfter} sockets of both ends were left after the idle time.

![Latency, heap and sockets over time](reliability.svg)

## Inputs that run in the ordinary tests

| what | how many | where |
| ---- | -------- | ----- |
| llhttp's response inputs through \`node:http\` and our parser, each in three lengths | 65 × 3, same verdict | \`packages/transport/src/http1/llhttp.test.ts\` |
| responses of our own, the same way | more than 130 | there |
| random changes of all of them, against \`node:http\` | 3,000 a run, a new seed each (printed when it fails) | there |
| the same, cut into random pieces | 1,000 a run | there |
| recorded streams of real servers, cut at every byte and in random pieces | every recording | \`packages/client/test/recorded-streams.test.ts\` |
| error bodies of every recorded version, and random ones | every recording | \`packages/schema/src/errors\` |
| texts that make a pass take more than linear time | every regular expression of the source | \`tooling/contract/test/regular-expressions.test.ts\` |
`;
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
}
