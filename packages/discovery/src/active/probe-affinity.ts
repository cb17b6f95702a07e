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
/** Some 300 tokens: more than the largest blocks of the prefix cache (128), and no more than the probe has to cost. */
const WORDS = 60;

/**
 * Whether turns with one `X-Session-ID` meet one server: each repeats those before it, so on the same server it finds them in the prefix
 * cache. Where no turn finds anything, nothing is known: vLLM counts them only with `--enable-prompt-tokens-details`, and the cache may be off.
 */
export async function probeAffinity(question: AffinityQuestion): Promise<AffinitySeen> {
  let tokens = 0;
  const found: boolean[] = [];
  for (let session = 0; session < SESSIONS; session += 1) {
    const seen = await talk(question);
    if (seen === undefined) return { findings: [], tokens };
    tokens += seen.tokens;
    found.push(...seen.found);
  }
  const missed = found.filter((isFound) => !isFound).length;
  const isKnown = missed < found.length;
  return { findings: isKnown && missed > 0 ? [withoutEffect(question, missed, found.length)] : [], tokens };
}

/** One conversation: whether each turn but the first found the one before it; undefined when a turn has no answer. */
async function talk(question: AffinityQuestion): Promise<{ found: boolean[]; tokens: number } | undefined> {
  const { http, apiRoot, model } = question;
  const headers = { "x-session-id": `probe-${randomWord()}${randomWord()}` };
  const messages: { role: string; content: string }[] = [{ role: "user", content: newText() }];
  const found: boolean[] = [];
  let tokens = 0;
  let before: number | undefined;
  for (let turn = 0; turn < TURNS; turn += 1) {
    const json = { model, messages, max_tokens: 1, stream: false };
    const outcome = await http.ask(`${apiRoot}/chat/completions`, { method: "POST", json, headers });
    if (outcome.kind !== "answer" || outcome.status !== 200) return undefined;
    tokens += tokensOf(outcome);
    const { prompt, cached } = readUsage(jsonOf(outcome));
    // What the chat template puts in front is the same in every conversation: on another server that much is found, too.
    if (before !== undefined) found.push(cached > before / 2);
    before = prompt;
    messages.push({ role: "assistant", content: "Yes." }, { role: "user", content: "Go on." });
  }
  return { found, tokens };
}

interface Usage {
  prompt_tokens?: unknown;
  prompt_tokens_details?: { cached_tokens?: unknown } | null;
}

function readUsage(answer: unknown): { prompt: number; cached: number } {
  const { usage } = (answer ?? {}) as { usage?: Usage | null };
  return { prompt: toNumber(usage?.prompt_tokens), cached: toNumber(usage?.prompt_tokens_details?.cached_tokens) };
}

function toNumber(value: unknown): number {
  return typeof value === "number" ? value : 0;
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
