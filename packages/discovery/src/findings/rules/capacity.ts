import { isChat } from "../../models/base-of.ts";
import { describeLoad } from "./describe-load.ts";
import type { Finding } from "../../report/finding.ts";
import type { FindingRule } from "../finding-rule.ts";

export const prefixCache: FindingRule = ({ capacity, models }) => {
  // Servers that only embed or rank have none, and need none.
  if (models.length > 0 && !models.some(isChat)) return [];
  if (capacity?.prefixCaching === false) {
    return [
      {
        code: "PREFIX_CACHING_OFF",
        severity: "warning",
        message: "Prefix caching is off: every turn of a conversation is computed from its beginning.",
        fix: "Start the server without --no-enable-prefix-caching.",
      },
    ];
  }
  const { prefixCacheQueries: queries = 0, prefixCacheHits: hits } = capacity ?? {};
  if (queries < 20_000 || hits !== 0) return [];
  return [
    {
      code: "PREFIX_CACHE_NEVER_HIT",
      severity: "warning",
      message: `Of ${queries} prompt tokens none was found in the prefix cache.`,
      fix: "Snapshot for a text at the top of the prompt that changes with every request (date, session id, attribution header), and for an engine bug of this version.",
    },
  ];
};

export const busy: FindingRule = ({ capacity }) => {
  if (capacity === undefined) return [];
  const findings: Finding[] = [];
  const { running = 0, waiting = 0, kvCacheUsage: usage, preemptions, meanTimeToFirstToken: seconds } = capacity;
  if (waiting > 0) {
    findings.push({
      code: "SERVER_BUSY",
      severity: "info",
      message: `${waiting} ${waiting === 1 ? "request waits" : "requests wait"} behind ${running} running: the first token of a new one will be late. vLLM queues without a limit.`,
      fix: "Wait, allow a long time for the first token, or add a server.",
    });
  }
  if (usage !== undefined && usage > 0.95) {
    findings.push({
      code: "CACHE_FULL",
      severity: "warning",
      message: `The KV cache is ${Math.round(usage * 100)} % full${preemptions === undefined || preemptions === 0 ? "" : `, and ${preemptions} requests were put back since the start`}.`,
      fix: "Run fewer conversations at once, or give the cache more memory (--gpu-memory-utilization, --kv-cache-dtype fp8).",
    });
  }
  const load = describeLoad(capacity);
  if (seconds !== undefined && seconds > 15) {
    findings.push({
      code: "SLOW_FIRST_TOKEN",
      severity: "info",
      message: `The first token took ${Math.round(seconds)} s on average since the server's start.${load === undefined ? "" : ` The server is busy now: ${load}.`}`,
      fix: "Allow more than that for the first token in the client's timeouts; keep prompts stable, so that the prefix cache helps.",
    });
  }
  return findings;
};
