import type { ServerKind, ServerState, TemplateProbeCause } from "../report/server-report.ts";

/** Why no prompt was rendered, for the report. */
export interface NotRendered {
  why: string;
  cause: TemplateProbeCause;
}

/** Where `/tokenize` may be vLLM's. llama.cpp has another of that name. */
const HAS_TOKENIZE: ReadonlySet<ServerKind> = new Set(["vllm", "vllm-router", "production-stack", "openai-compatible"]);
/** vLLM is behind them, and its `/tokenize` is not to be had: LiteLLM answers 404, Ray 400. */
const WITHOUT_TOKENIZE: Readonly<Partial<Record<ServerKind, string>>> = {
  litellm: "LiteLLM",
  "ray-serve": "Ray Serve",
};

/** Why a server is not asked to render prompts; undefined for one that may be able to. */
export function whyNotRendered(server: { kind: ServerKind; state: ServerState }): NotRendered | undefined {
  const router = WITHOUT_TOKENIZE[server.kind];
  if (server.state === "ready" && router !== undefined)
    return { why: `${router} does not pass it on`, cause: "no-route" };
  if (server.state === "ready" && HAS_TOKENIZE.has(server.kind)) return undefined;
  return { why: "not asked of such a server", cause: "not-asked" };
}
