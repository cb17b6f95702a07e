import type { HistoryRules } from "@vllm/schema/core";
import type { ThoughtMarker } from "../families/thought-markers.ts";
import type { ToolFormat } from "../families/tool-formats.ts";
import type { Capability } from "../report/capability.ts";
import { escapeUnsafe } from "../text/safe-text.ts";
import { createNonce } from "./create-nonce.ts";
import type { Renderer } from "./create-renderer.ts";
import type { MediaFacts } from "./probe-media.ts";
import { probeMedia } from "./probe-media.ts";
import { probeRoles } from "./probe-roles.ts";
import type { ThinkingFacts } from "./probe-thinking.ts";
import { probeThinking } from "./probe-thinking.ts";
import { probeTools } from "./probe-tools.ts";
import { baseRendering, createNonces } from "./questions.ts";
import type { ThoughtState } from "./read-thought-state.ts";
import { readThoughtState } from "./read-thought-state.ts";
import type { TemplateProbeCause } from "../report/server-report.ts";

/** What the chat template of one model does, as rendered prompts show it. */
export interface TemplateFacts {
  /** False when the time was over before every question was answered: what is missing was not seen, which is not a no. */
  isComplete: boolean;
  /** Window in tokens, which every answer of `/tokenize` holds. */
  maxModelLen: number | undefined;
  /** Whether the tools of a request get into the prompt. */
  knowsTools: Capability;
  /** Whether the calls of earlier turns get into the prompt. */
  rendersCalls: Capability;
  /** How the template wrote the call `get_weather({"city": "Paris"})`, where it did. */
  callExample: string | undefined;
  toolFormat: ToolFormat | undefined;
  /** Whether two calls in one turn are rendered. */
  parallelCalls: Capability;
  /** How the prompt ends when nothing is asked for. */
  thought: ThoughtState;
  marker: ThoughtMarker | undefined;
  thinking: ThinkingFacts | undefined;
  history: HistoryRules;
  historyEvidence: string;
  media: MediaFacts;
}

export type TemplateProbe =
  | { kind: "facts"; facts: TemplateFacts; requests: number }
  /** The routes are not there, not reachable, or what they say cannot be trusted. */
  | { kind: "unavailable"; why: string; cause: TemplateProbeCause; requests: number };

/**
 * Learns what a chat template does by having prompts rendered (`/tokenize`, `/detokenize`): no token is generated and vLLM asks for no key.
 * Every message holds words of chance, so that an echo is not taken for a prompt.
 */
export async function probeTemplate(renderer: Renderer, newNonce: () => string = createNonce): Promise<TemplateProbe> {
  const nonces = createNonces(newNonce);
  const base = await renderer.render(baseRendering(nonces));
  if (base.kind === "failed") return unavailable(renderer, base.why, causeOf(renderer, base.status));
  if (base.kind === "refused") {
    const why = `it refuses a plain message (${escapeUnsafe(base.message, 160)})`;
    return unavailable(renderer, why, "template-refuses");
  }
  const text = await renderer.readText(base.tokens);
  if (text === undefined) return unavailable(renderer, "/detokenize does not answer", causeOf(renderer, undefined));
  if (!text.includes(nonces.user)) return unavailable(renderer, "the prompt does not hold the words that were sent");
  const thought = readThoughtState(text.slice(text.lastIndexOf(nonces.user)));

  const thinkingProbe = probeThinking(renderer, nonces, { key: base.key, thought });
  const [thinking, media, roles, tools] = await Promise.all([
    thinkingProbe,
    probeMedia(renderer, nonces),
    probeRoles(renderer, nonces),
    probeTools(renderer, nonces, thinkingProbe),
  ]);
  // vLLM renders gpt-oss chats through its harmony encoder and only /tokenize through the template.
  const isHarmony = tools.format?.format === "gpt-oss";
  return {
    kind: "facts",
    requests: renderer.count(),
    facts: {
      isComplete: renderer.unanswered() === 0,
      maxModelLen: base.maxModelLen,
      knowsTools: tools.knowsTools,
      rendersCalls: tools.rendersCalls,
      callExample: tools.callExample,
      toolFormat: tools.format,
      parallelCalls: tools.parallelCalls,
      thought,
      marker: thought.marker ?? tools.marker ?? thinking?.marker,
      thinking,
      history: isHarmony ? UNKNOWN_HISTORY : { ...roles, ...tools.history },
      historyEvidence: isHarmony
        ? "vLLM renders gpt-oss chats without the chat template, so /tokenize does not show what happens to them"
        : tools.historyEvidence,
      media,
    },
  };
}

const UNKNOWN_HISTORY: HistoryRules = {
  firstSystem: "unknown",
  secondSystem: "unknown",
  laterSystem: "unknown",
  developerRole: "unknown",
  consecutiveUser: "unknown",
  toolCallIds: "any",
  reasoningReplay: "unknown",
};

function causeOf(renderer: Renderer, status: number | undefined): TemplateProbeCause {
  if (status === 404) return "no-route";
  return renderer.unanswered() > 0 ? "no-time" : "no-answer";
}

function unavailable(renderer: Renderer, why: string, cause: TemplateProbeCause = "no-answer"): TemplateProbe {
  return { kind: "unavailable", why, cause, requests: renderer.count() };
}
