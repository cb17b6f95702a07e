import { messagesOf, toChatRequest, type ChatMessageLike } from "./chat-request.ts";
import { renderPrompt } from "./chat-template.ts";
import type { ReceivedRequest } from "./received-request.ts";
import type { Recordings } from "./recordings.ts";
import { replaceInBody, toReply, withBody, type Reply } from "./reply.ts";

/**
 * `/tokenize` and `/detokenize` with the head and the shape of the recorded answers. Every letter is one token, whose number
 * is its code point, so that what was tokenized can be read again.
 */
export function answerTokenize(request: ReceivedRequest, recordings: Recordings, contextWindow: number): Reply {
  const body = toChatRequest(request.body) as { prompt?: unknown; messages?: unknown; return_token_strs?: unknown };
  if (!Array.isArray(body.messages)) {
    return toTokens(String(body.prompt), body.return_token_strs === true, recordings, contextWindow);
  }
  if (messagesOf(body).some(hasMedia)) return toReply(recordings.get("template-image", "image-to-text-model"));
  const rendered = renderPrompt(body);
  if ("prompt" in rendered)
    return toTokens(rendered.prompt, body.return_token_strs === true, recordings, contextWindow);
  return replaceInBody(toReply(recordings.get("system-second")), [
    ["System message must be at the beginning.", rendered.refusal],
  ]);
}

export function answerDetokenize(request: ReceivedRequest, recordings: Recordings): Reply {
  const { tokens } = toChatRequest(request.body) as { tokens?: unknown };
  if (!Array.isArray(tokens)) {
    return toReply(recordings.get(`refused-detokenize-tokens-${tokens === undefined ? "missing" : "text"}`));
  }
  const letters = (tokens as number[]).filter(isCodePoint).map((token) => String.fromCodePoint(token));
  return withJson(toReply(recordings.get("detokenize")), { prompt: letters.join("") });
}

function toTokens(text: string, withStrings: boolean, recordings: Recordings, contextWindow: number): Reply {
  const letters = [...text];
  return withJson(toReply(recordings.get("tokenize-prompt")), {
    count: letters.length,
    max_model_len: contextWindow,
    tokens: letters.map((letter) => letter.codePointAt(0)),
    token_strs: withStrings ? letters : null,
  });
}

function withJson(head: Reply, value: unknown): Reply {
  return withBody(head, new TextEncoder().encode(JSON.stringify(value)));
}

function hasMedia(message: ChatMessageLike): boolean {
  return Array.isArray(message.content) && message.content.some((part: { type?: unknown }) => part?.type !== "text");
}

function isCodePoint(token: number): boolean {
  return Number.isInteger(token) && token >= 0 && token <= 0x10_ff_ff;
}
