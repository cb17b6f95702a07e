import type { Finding, FindingSeverity } from "../report/finding.ts";
import type { DiagnoseOptions, Facts, FindingRule } from "./finding-rule.ts";
import { browsers, credentialsInUrl, key, openRoutes, queryInUrl } from "./rules/access.ts";
import { busy, prefixCache } from "./rules/capacity.ts";
import { serversDiffer, serversDown } from "./rules/fleet.ts";
import {
  aliases,
  emptyList,
  gone,
  lastGoodAnswer,
  longList,
  notChat,
  outputLimits,
  refusedIds,
  windows,
} from "./rules/models.ts";
import { incomplete } from "./rules/probe.ts";
import { asleep, failing, noAnswer, otherServer } from "./rules/reachability.ts";
import { firstSystem, notProbed, roles, thoughts, tools } from "./rules/template.ts";
import { oldVersion } from "./rules/version.ts";

const RULES: readonly FindingRule[] = [
  noAnswer,
  otherServer,
  failing,
  asleep,
  serversDown,
  serversDiffer,
  key,
  emptyList,
  longList,
  gone,
  tools,
  windows,
  outputLimits,
  thoughts,
  firstSystem,
  roles,
  refusedIds,
  openRoutes,
  credentialsInUrl,
  queryInUrl,
  prefixCache,
  busy,
  oldVersion,
  notProbed,
  incomplete,
  notChat,
  aliases,
  browsers,
];

const ORDER: readonly FindingSeverity[] = ["error", "warning", "info"];

/** A report → what is wrong or worth knowing, most severe first. Pure; `report.findings` holds the same without options. */
export function diagnose(report: Facts, options: DiagnoseOptions = {}): Finding[] {
  // The rules about models speak of what is served, which nobody knows while a cache keeps earlier ones.
  const seen = report.modelsSeenAt === undefined ? report : { ...report, models: [] };
  const findings = [
    ...lastGoodAnswer(report),
    ...report.probeFindings,
    ...RULES.flatMap((rule) => rule(seen, options)),
  ];
  return findings.toSorted((a, b) => ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity));
}
