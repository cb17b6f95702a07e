import type { ChatCompletion } from "@vllm/schema";
import { recognizeLeakedCall } from "../families/tool-formats.ts";
import { THOUGHT_MARKERS } from "../families/thought-markers.ts";
import type { ProbeHttp } from "../http/create-probe-http.ts";
import type { ProbeOutcome } from "../http/probe-outcome.ts";
import { jsonOf } from "../http/probe-outcome.ts";
import { createRenderer } from "../template/create-renderer.ts";
import { tokensOf, WEATHER_TOOL } from "./dry-run.ts";

/** What one short answer of the model showed. */
export interface ChatSeen {
  tokens: number;
  /** The model called the tool, and the server read the call. */
  calledTool: boolean;
  /** Parsers that read the raw call in the answer's text. */
  leakedParsers: readonly string[] | undefined;
  /** Field that held the thought. */
  reasoningField: "reasoning" | "reasoning_content" | undefined;
  /** A thought's tag stands in the answer's text. */
  leakedThought: string | undefined;
}

const MESSAGES = [{ role: "user", content: "What is the weather in Paris?" }] as const;
const MOST_TOKENS = 160;
const LEAST_PATIENCE_MS = 1000;

/** One question that a model with tools answers by a call. It shows what the parsers do with the model's real text. */
export async function askForCall(
  http: ProbeHttp,
  apiRoot: string,
  model: string,
  withTools: boolean,
): Promise<ChatSeen | { silentMs: number } | undefined> {
  const tools = withTools ? { tools: [WEATHER_TOOL] } : {};
  const json = { model, messages: MESSAGES, ...tools, max_tokens: MOST_TOKENS, stream: false };
  const outcome = await http.ask(`${apiRoot}/chat/completions`, { method: "POST", json });
  return outcome.kind === "timeout" ? readSilence(outcome.ms) : readChat(outcome);
}

/**
 * The same question past all parsers: the prompt is rendered by `/tokenize` and completed as it is. A parser of vLLM may swallow a call that it
 * does not understand, in every kind of chat; only the model's own text shows it.
 */
export async function askRaw(
  http: ProbeHttp,
  roots: { apiRoot: string; serverRoot: string },
  model: string,
): Promise<{ tokens: number; callParsers: readonly string[] | undefined } | undefined> {
  const rendered = await createRenderer(http, roots.serverRoot, model).render({
    messages: MESSAGES,
    tools: [WEATHER_TOOL],
  });
  if (rendered.kind !== "tokens") return undefined;
  const json = { model, prompt: rendered.tokens, max_tokens: MOST_TOKENS, skip_special_tokens: false, stream: false };
  const outcome = await http.ask(`${roots.apiRoot}/completions`, { method: "POST", json });
  const text = (jsonOf(outcome) as { choices?: { text?: unknown }[] } | null | undefined)?.choices?.[0]?.text;
  if (typeof text !== "string") return undefined;
  return { tokens: tokensOf(outcome), callParsers: recognizeLeakedCall(text)?.parsers };
}

/** A chat for which the deadline left next to no time tells nothing. */
function readSilence(ms: number): { silentMs: number } | undefined {
  return ms < LEAST_PATIENCE_MS ? undefined : { silentMs: ms };
}

function readChat(outcome: ProbeOutcome): ChatSeen | undefined {
  const message = (jsonOf(outcome) as Partial<ChatCompletion> | null | undefined)?.choices?.[0]?.message;
  if (message === undefined) return undefined;
  const content = typeof message.content === "string" ? message.content : "";
  return {
    tokens: tokensOf(outcome),
    calledTool: (message.tool_calls ?? []).length > 0,
    leakedParsers: recognizeLeakedCall(content)?.parsers,
    reasoningField: message.reasoning ? "reasoning" : message.reasoning_content ? "reasoning_content" : undefined,
    leakedThought: THOUGHT_MARKERS.find(
      (marker) => content.includes(marker.start) || (!marker.isCommonEnd && content.includes(marker.end)),
    )?.start,
  };
}
