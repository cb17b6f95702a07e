import type { Finding, Rule } from "./rule.ts";

/** vLLM's texts, newest last seen in the version that is named. Groups: limit, prompt, atLeast, characters, output. */
const TEXTS: readonly RegExp[] = [
  // 0.24 to 0.31: "at least" because counting stops at the limit
  /context length is (?<limit>\d+) tokens\. However, you requested (?<output>\d+) output tokens and your prompt contains (?<atLeast>at least )?(?<prompt>\d+) input tokens/,
  /context length is (?<limit>\d+) tokens\. However, you requested (?<output>\d+) output tokens and your prompt contains (?<characters>\d+) characters/,
  // 0.32
  /context length is (?<limit>\d+) tokens\. However, your prompt contains (?<atLeast>at least )?(?<prompt>\d+) input tokens/,
  /context length is (?<limit>\d+) tokens\. However, your prompt contains (?<characters>\d+) characters/,
  /max_(?:completion_)?tokens=(?<output>\d+) ?cannot be greater than max_model_len=(?:max_total_tokens=)?(?<limit>\d+)/,
  // 0.19 to 0.23
  /You passed (?<prompt>\d+) input tokens and requested (?<output>\d+) output tokens\. However, the model's context length is only (?<limit>\d+)/,
  /You passed (?<characters>\d+) input characters(?: and requested (?<output>\d+) output tokens)?\. However, the model's context length is only (?<limit>\d+)/,
  // 0.10 to 0.12
  /is too large: (?<output>\d+)\. This model's maximum context length is (?<limit>\d+) tokens and your request has (?<prompt>\d+) input tokens/,
  /context length is (?<limit>\d+) tokens\. However, your request has (?<prompt>\d+) input tokens/,
  // 0.9
  /context length is (?<limit>\d+) tokens\. However, you requested \d+ tokens \((?<prompt>\d+) in the (?:messages|prompt)[,;] (?<output>\d+) in the completion\)/,
  // the engine's own check, all versions; pictures count there
  /decoder prompt \(length (?<prompt>\d+)\) (?:is|plus the number of requested output tokens \(at least \d+\) is) longer than the maximum model length of (?<limit>\d+)/,
  // other servers' words, and new ones of vLLM
  /maximum context length (?:is|of) (?<limit>\d+)/,
];

export const contextLength: Rule = ({ message }) => {
  for (const text of TEXTS) {
    const groups = text.exec(message)?.groups;
    if (groups !== undefined) return toFinding(groups);
  }
  // LiteLLM's own name for it, where the server's words are lost.
  if (!message.includes("ContextWindowExceededError")) return undefined;
  return {
    code: "CONTEXT_LENGTH_EXCEEDED",
    message: "The request is longer than the model's window.",
    hint: SHORTEN,
  };
};

const SHORTEN = "Shorten the conversation, or start the server with a larger --max-model-len.";

function toFinding(groups: Record<string, string | undefined>): Finding {
  const maxModelLen = Number(groups["limit"]);
  const promptTokens = numberOf(groups["prompt"]);
  // vLLM says 0 for a request without max_tokens.
  const requestedTokens = numberOf(groups["output"]) || undefined;
  const isAtLeast = groups["atLeast"] !== undefined;
  const said = [
    describePrompt(groups),
    requestedTokens === undefined ? undefined : `${requestedTokens} output tokens were asked for`,
  ].filter((part) => part !== undefined);
  return {
    code: "CONTEXT_LENGTH_EXCEEDED",
    message: `${said.length === 0 ? "The request is too long" : said.join(", ")}, and the model's window is ${maxModelLen} tokens.`,
    hint: adviseOn({ maxModelLen, promptTokens, requestedTokens, isAtLeast }),
    maxModelLen,
    promptTokens,
    promptTokensAtLeast: isAtLeast ? true : undefined,
    requestedTokens,
  };
}

function describePrompt({ prompt, atLeast, characters }: Record<string, string | undefined>): string | undefined {
  if (prompt !== undefined) return `The prompt has ${atLeast ?? ""}${prompt} tokens`;
  return characters === undefined ? undefined : `The prompt has ${characters} characters, more than can fit`;
}

function adviseOn(sizes: {
  maxModelLen: number;
  promptTokens: number | undefined;
  requestedTokens: number | undefined;
  isAtLeast: boolean;
}): string {
  const { maxModelLen, promptTokens, requestedTokens = 0, isAtLeast } = sizes;
  if (requestedTokens === 0) return SHORTEN;
  const promptFits = promptTokens === undefined ? requestedTokens > maxModelLen : promptTokens < maxModelLen;
  if (!promptFits) return SHORTEN;
  return isAtLeast
    ? `Ask for fewer output tokens (max_tokens), or shorten the conversation: vLLM stopped counting, so the prompt may be longer.`
    : "Ask for fewer output tokens (max_tokens), or leave max_tokens out: vLLM then uses the room that is left.";
}

function numberOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}
