export { createDiscoveryCache } from "./cache/create-discovery-cache.ts";
export type { FleetFacts, SeenServer } from "./report/fleet-facts.ts";
export type { CachedDiscoverOptions, DiscoveryCache, DiscoveryCacheOptions } from "./cache/create-discovery-cache.ts";
export type { CacheEntry, DiscoveryStore } from "./cache/cache-entry.ts";
export type { LearnedFact } from "./cache/learned-facts.ts";
export { resolveProvider } from "./resolve/resolve-provider.ts";
export type { ProviderResolution, ResolveProviderOptions } from "./resolve/resolve-provider.ts";
export type { HostConfigLike } from "./resolve/decide-provider.ts";
export { discoverServer } from "./discover/discover-server.ts";
export type { DiscoverServerOptions } from "./discover/discover-server.ts";
export type { Capability, CapabilityCause } from "./report/capability.ts";
export { readMetrics } from "./server/read-metrics.ts";
export type { ServerCapacity } from "./report/server-capacity.ts";
export type {
  AskedQuestion,
  DiscoveredModel,
  ModelTask,
  ServerCapabilities,
  ServerKind,
  ServerAccess,
  ServerReport,
  ServerState,
  TemplateProbeCause,
} from "./report/server-report.ts";
export { suggestServeCommand } from "./families/suggest-serve-command.ts";
export type { ServeArgument, ServeSuggestion } from "./families/suggest-serve-command.ts";
export { MODEL_FAMILIES } from "./families/model-families.ts";
export type { ModelFamily } from "./families/model-families.ts";
export { recognizeLeakedCall } from "./families/tool-formats.ts";
export type { ToolFormat } from "./families/tool-formats.ts";
export { pickDefaultModel } from "./models/pick-default-model.ts";
export { toModelEntries } from "./models/to-model-entries.ts";
export type { ModelOverride, ToModelEntriesOptions } from "./models/to-model-entries.ts";
export { diagnose } from "./findings/diagnose.ts";
export { FINDING_CODES } from "./report/finding-codes.ts";
export type { FindingCode } from "./report/finding-codes.ts";
export type { Finding, FindingSeverity } from "./report/finding.ts";
export type { DiagnoseOptions, HostWindow } from "./findings/finding-rule.ts";
export { discoverServers } from "./discover/discover-servers.ts";
export type { NamedServer, ServersReport } from "./discover/discover-servers.ts";
export { findServers } from "./find/find-servers.ts";
export type { FindServersOptions } from "./find/find-servers.ts";
export type { FoundBy, FoundServer, ServerOwner } from "./find/found-server.ts";
export { pickServer } from "./find/pick-server.ts";
export { rememberServer } from "./find/used-servers.ts";
export { resolveProviders } from "./resolve/resolve-providers.ts";
export { waitUntilReady } from "./watch/wait-until-ready.ts";
export type { WaitProgress, WaitUntilReadyOptions } from "./watch/wait-until-ready.ts";
export { watchServer } from "./watch/watch-server.ts";
export type { WatchServerOptions } from "./watch/watch-server.ts";
export type { ServerChange } from "./watch/compare-reports.ts";
export type { TlsOptions } from "@vllm/transport";
