import type { DetokenizeResponse, TokenizeResponse } from "@vllm/schema";
import { readErrorBody } from "@vllm/schema/core";
import type { ProbeHttp } from "../http/create-probe-http.ts";
import type { ProbeOutcome } from "../http/probe-outcome.ts";
import { jsonOf } from "../http/probe-outcome.ts";

/** A message as `/tokenize` takes it. */
export interface TemplateMessage {
  role: string;
  content: string | null | readonly Readonly<Record<string, unknown>>[];
  [key: string]: unknown;
}

/** What is to be rendered. Nothing is generated. */
export interface Rendering {
  messages: readonly TemplateMessage[];
  tools?: readonly unknown[] | undefined;
  kwargs?: Readonly<Record<string, unknown>> | undefined;
}

/** The template's answer. */
export type Rendered =
  /** `key` is equal for equal prompts. */
  | { kind: "tokens"; tokens: readonly number[]; key: string; maxModelLen: number | undefined }
  /** The template, or vLLM before it, refused; `message` is the server's own word. */
  | { kind: "refused"; status: number; message: string }
  /** No answer that says anything about the template. */
  | { kind: "failed"; why: string; status?: number };

export interface Renderer {
  /** `POST /tokenize` of the messages. */
  render(rendering: Rendering): Promise<Rendered>;
  /** `POST /detokenize`; undefined when it failed. */
  readText(tokens: readonly number[]): Promise<string | undefined>;
  /** Requests sent so far. */
  count(): number;
  /** Requests that got no answer: the time was over, or the connection was. */
  unanswered(): number;
}

/** More at once gains nothing: vLLM's HTTP front end is one Python thread. */
const AT_ONCE = 6;

/** Renders prompts through vLLM's `/tokenize` and `/detokenize`, a few at a time. */
export function createRenderer(http: ProbeHttp, serverRoot: string, model: string): Renderer {
  const takeTurn = createTurns(AT_ONCE);
  let count = 0;
  let unanswered = 0;

  async function post(path: string, json: unknown): Promise<ProbeOutcome> {
    count += 1;
    const outcome = await takeTurn(() => http.ask(`${serverRoot}${path}`, { method: "POST", json }));
    if (outcome.kind === "timeout" || outcome.kind === "network") unanswered += 1;
    return outcome;
  }

  return {
    async render({ messages, tools, kwargs }) {
      const outcome = await post("/tokenize", {
        model,
        messages,
        ...(tools === undefined ? {} : { tools }),
        ...(kwargs === undefined ? {} : { chat_template_kwargs: kwargs }),
      });
      return readRendered(outcome);
    },
    async readText(tokens) {
      const outcome = await post("/detokenize", { model, tokens });
      const prompt = (jsonOf(outcome) as Partial<DetokenizeResponse> | null | undefined)?.prompt;
      return typeof prompt === "string" ? withBlanks(prompt) : undefined;
    },
    count: () => count,
    unanswered: () => unanswered,
  };
}

/**
 * Mistral's SentencePiece tokenizers (v1 to v7, `--tokenizer-mode mistral`) give their mark for a blank back. DeepSeek's tags have the same sign
 * in them, between bars of full width.
 */
function withBlanks(prompt: string): string {
  return prompt.includes("｜") ? prompt : prompt.replaceAll("▁", " ");
}

/** The outcome of `POST /tokenize` → the template's answer. A 400 is an answer. */
function readRendered(outcome: ProbeOutcome): Rendered {
  if (outcome.kind === "timeout") return { kind: "failed", why: "no answer in time" };
  if (outcome.kind === "redirect") return { kind: "failed", why: "it redirects to another address" };
  if (outcome.kind !== "answer") return { kind: "failed", why: "no answer" };
  const { status } = outcome;
  if (status === 200) {
    const { tokens, count, max_model_len } = (jsonOf(outcome) ?? {}) as Partial<TokenizeResponse>;
    if (!Array.isArray(tokens) || tokens.length !== count || !tokens.every(Number.isInteger)) {
      return { kind: "failed", why: "the answer is not what vLLM's /tokenize says" };
    }
    const maxModelLen = Number.isSafeInteger(max_model_len) ? Number(max_model_len) : 0;
    return { kind: "tokens", tokens, key: tokens.join(","), maxModelLen: maxModelLen > 0 ? maxModelLen : undefined };
  }
  const { message, type } = readErrorBody(outcome.body);
  // 404 with an error object is an unknown model, 404 with `detail` an unknown route: neither speaks of the template.
  if (status === 400 || status === 422 || (status === 500 && type !== undefined)) {
    return { kind: "refused", status, message: message ?? "" };
  }
  return { kind: "failed", why: `it answers ${status}`, status };
}

function createTurns(atOnce: number): <Value>(work: () => Promise<Value>) => Promise<Value> {
  let running = 0;
  const queue: (() => void)[] = [];
  return async (work) => {
    if (running >= atOnce) await new Promise<void>((resolve) => queue.push(resolve));
    running += 1;
    try {
      return await work();
    } finally {
      running -= 1;
      queue.shift()?.();
    }
  };
}

/** A prompt and its text, where there is one. */
export async function readRendering(
  renderer: Renderer,
  rendering: Rendering,
): Promise<{ answer: Rendered; text: string | undefined }> {
  const answer = await renderer.render(rendering);
  const text = answer.kind === "tokens" ? await renderer.readText(answer.tokens) : undefined;
  return { answer, text };
}
