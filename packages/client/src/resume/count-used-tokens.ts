import { VllmError } from "@vllm/schema/core";
import type { ChatParams } from "../request/index.ts";
import { countTokens, tokenize, type PostJson } from "../routes/tokenize.ts";
import type { BegunAnswer } from "./continued-request.ts";

/** Tokens of a prompt, and of what an answer had before its server went away. */
export interface UsedTokens {
  prompt: number;
  answer: number;
}

type Body = Readonly<Record<string, unknown>>;

export interface CountQuestion {
  /** The request as it was sent. */
  before: Body;
  /** The one that goes on with it. */
  after: Body;
  /** What is new in it. */
  begun: BegunAnswer;
}

/** The markers around reasoning. A template that opens it itself leaves one of them to the model. */
const MARKERS = 2;

/**
 * What the tokenizer says, which shows at the same time whether the chat template can go on with a message. Undefined where the server has no
 * tokenizer route.
 *
 * @throws {VllmError} when no server answers, or the chat template cannot go on
 */
export async function countUsedTokens(
  post: PostJson,
  { before, after, begun }: CountQuestion,
): Promise<UsedTokens | undefined> {
  const ofText = async (prompt: string) => {
    const { model } = before as { model?: string };
    return prompt === "" ? 0 : (await tokenize(post, { model, prompt, add_special_tokens: false })).count;
  };
  try {
    await countTokens(post, after as unknown as ChatParams);
    const prompt = await countTokens(post, before as unknown as ChatParams);
    const thinking = await ofText(begun.thinking);
    return { prompt, answer: (await ofText(begun.text)) + thinking + (thinking === 0 ? 0 : MARKERS) };
  } catch (error) {
    if (VllmError.isInstance(error) && hasNoTokenizer(error)) return undefined;
    throw error;
  }
}

/** A router without the route, or one that needs rights of its own. */
function hasNoTokenizer({ code, status }: VllmError): boolean {
  return status === 404 || status === 405 || status === 501 || code === "NOT_VLLM" || code === "AUTHENTICATION_FAILED";
}

/** Where nobody counts: no fewer than there were, so that the limit holds. */
export function estimateTokens({ text, thinking }: BegunAnswer): number {
  return Math.ceil((text.length + thinking.length) / 3);
}
