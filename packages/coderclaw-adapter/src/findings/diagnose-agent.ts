import type { AdapterFinding } from "./adapter-finding.ts";
import { bySeverity } from "./adapter-finding.ts";
import type { AgentRule, AgentSituation } from "./agent-situation.ts";
import { outdated, developerRole } from "./rules/fields.ts";
import { keyInConfig, keyForAgent, heldBack } from "./rules/keys.ts";
import { modelsFile, onlyInShell, plugin } from "./rules/installation.ts";
import { listedTwice, notServed, defaultIsConfigured, allowed } from "./rules/models.ts";
import { address, proxy } from "./rules/network.ts";
import { variables, providerIdCase, provider, emptyList } from "./rules/provider.ts";
import { windows } from "./rules/windows.ts";

/** What is wrong with the agent itself, whatever a server shows. Pure. */
export function diagnoseInstallation(situation: AgentSituation): AdapterFinding[] {
  return run(INSTALLATION_RULES, situation);
}

/** An agent's configuration against what a server showed → what is wrong between the two, most severe first. Pure. */
export function diagnoseAgent(situation: AgentSituation): AdapterFinding[] {
  return run([...INSTALLATION_RULES, ...PROVIDER_RULES], situation);
}

function run(rules: readonly AgentRule[], situation: AgentSituation): AdapterFinding[] {
  return rules.flatMap((rule) => rule(situation) ?? []).toSorted(bySeverity);
}

// In the order in which a person should read them.
const INSTALLATION_RULES: readonly AgentRule[] = [variables, plugin, onlyInShell, modelsFile];
const PROVIDER_RULES: readonly AgentRule[] = [
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
  keyForAgent,
  heldBack,
  allowed,
  proxy,
];
