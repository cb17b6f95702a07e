import type { AdapterFinding } from "./adapter-finding.ts";
import { bySeverity } from "./adapter-finding.ts";
import type { HostRule, HostSituation } from "./host-situation.ts";
import { outdated, developerRole } from "./rules/fields.ts";
import { keyInConfig, keyForHost, heldBack } from "./rules/keys.ts";
import { listedTwice, notServed, defaultIsConfigured, allowed } from "./rules/models.ts";
import { address, proxy } from "./rules/network.ts";
import { variables, providerIdCase, provider, emptyList } from "./rules/provider.ts";
import { windows } from "./rules/windows.ts";
import { whereIncluded } from "./sync-fix.ts";

/** A host's configuration against what a server showed → what is wrong between the two, most severe first. Pure. */
export function diagnoseHost(situation: HostSituation): AdapterFinding[] {
  return RULES.flatMap((rule) => rule(situation) ?? [])
    .map((finding) => whereIncluded(finding, situation))
    .toSorted(bySeverity);
}

/** In the order in which a person should read them. */
const RULES: readonly HostRule[] = [
  variables,
  providerIdCase,
  provider,
  emptyList,
  listedTwice,
  notServed,
  defaultIsConfigured,
  windows,
  outdated,
  developerRole,
  address,
  keyInConfig,
  keyForHost,
  heldBack,
  allowed,
  proxy,
];
