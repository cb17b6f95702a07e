import { discoverServer, type DiscoverServerOptions, type ServerReport } from "@vllm/discovery";
import type { ServedTarget, ServeOptions, Target } from "@vllm-tooling/contract";

export interface Seen {
  served: ServedTarget;
  report: ServerReport;
}

/** One probe at a server of this target. */
export async function probeServer(
  target: Target,
  { serve, ...options }: Partial<DiscoverServerOptions> & { serve?: ServeOptions } = {},
): Promise<Seen> {
  const served = await target.serve("demo", serve);
  return { served, report: await discoverServer(optionsFor(served, options)) };
}

export function optionsFor(served: ServedTarget, options: Partial<DiscoverServerOptions> = {}): DiscoverServerOptions {
  return { baseUrl: served.baseUrl, fetch: served.fetch, timeoutMs: 10_000, ...options };
}

export function codesOf(report: Pick<ServerReport, "findings">): string[] {
  return report.findings.map((finding) => finding.code);
}
