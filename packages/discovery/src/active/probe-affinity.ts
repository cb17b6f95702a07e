import type { ProbeHttp } from "../http/create-probe-http.ts";
import { jsonOf } from "../http/probe-outcome.ts";
import type { Finding } from "../report/finding.ts";
import { tokensOf } from "./dry-run.ts";

export interface AffinityQuestion {
  http: ProbeHttp;
  apiRoot: string;
  model: string;
  router: string;
}

export interface AffinitySeen {
  findings: Finding[];
  tokens: number;
}

/** A balancer that draws lots between two servers passes for one that keeps them in one of 64 probes. */
const SESSIONS = 2;
const TURNS = 4;
/** Long enough for blocks of the prefix cache of every size (16 to 128 tokens), short enough for a window of 2,048. */
const WORDS = 120;

/**
 * Whether turns with one `X-Session-ID` meet one server: each repeats those before it, so on the same server it finds them in the prefix
 * cache. Where no turn finds anything, nothing is known: vLLM counts them only with `--enable-prompt-tokens-details`, and the cache may be off.
 */
export async function probeAffinity(question: AffinityQuestion): Promise<AffinitySeen> {
  let later = 0;
  let missed = 0;
  let tokens = 0;
  for (let session = 0; session < SESSIONS; session += 1) {
    const seen = await talk(question);
    if (seen === undefined) return { findings: [], tokens };
    tokens += seen.tokens;
    later += seen.cached.length - 1;
    missed += seen.cached.slice(1).filter((count) => count === 0).length;
  }
  const isKnown = missed < later;
  return { findings: isKnown && missed > 0 ? [withoutEffect(question, missed, later)] : [], tokens };
}

/** One conversation; undefined when a turn has no answer. */
async function talk({
  http,
  apiRoot,
  model,
}: AffinityQuestion): Promise<{ cached: number[]; tokens: number } | undefined> {
  const headers = { "x-session-id": `probe-${randomWord()}${randomWord()}` };
  const messages: { role: string; content: string }[] = [{ role: "user", content: newText() }];
  const cached: number[] = [];
  let tokens = 0;
  for (let turn = 0; turn < TURNS; turn += 1) {
    const json = { model, messages, max_tokens: 1, stream: false };
    const outcome = await http.ask(`${apiRoot}/chat/completions`, { method: "POST", json, headers });
    if (outcome.kind !== "answer" || outcome.status !== 200) return undefined;
    tokens += tokensOf(outcome);
    cached.push(cachedTokensOf(jsonOf(outcome)));
    messages.push({ role: "assistant", content: "Yes." }, { role: "user", content: "Go on." });
  }
  return { cached, tokens };
}

function cachedTokensOf(answer: unknown): number {
  const { usage } = (answer ?? {}) as { usage?: { prompt_tokens_details?: { cached_tokens?: unknown } | null } | null };
  const count = usage?.prompt_tokens_details?.cached_tokens;
  return typeof count === "number" ? count : 0;
}

/** Text that no server has seen. */
function newText(): string {
  return Array.from({ length: WORDS }, randomWord).join(" ");
}

function randomWord(): string {
  return Math.random().toString(36).slice(2, 8).padEnd(6, "0");
}

const HOW: Readonly<Record<string, string>> = {
  nginx: "In nginx: hash $http_x_session_id consistent; in the upstream block.",
  "vllm-router":
    "Start vllm-router with --policy sticky_least_loaded: cache_aware, its default, does not read the header.",
  "production-stack's router": "Start the router with --routing-logic session --session-key x-session-id.",
};

function withoutEffect({ router, model }: AffinityQuestion, missed: number, later: number): Finding {
  return {
    code: "AFFINITY_WITHOUT_EFFECT",
    severity: "warning",
    model,
    message: `Turns of one conversation, sent with the same X-Session-ID, do not meet the same server behind ${router}: ${missed} of ${later} did not find the turns before them in the prefix cache.`,
    fix: `${HOW[router] ?? `Have ${router} choose the server by the header X-Session-ID.`} Without it, each turn is computed from its beginning.`,
  };
}
