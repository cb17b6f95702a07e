import { createFetch } from "@vllm/transport";
import { DEFAULT_LIMITS } from "@vllm/schema/core";
import { parseJson } from "@vllm/schema/internal";
import { readText } from "@vllm/transport/internal";

/** What a streamed answer came to, put together without any repair: the matrix shows what the server sends. */
export interface ChatAnswer {
  status: number;
  text: string;
  reasoning: string;
  calls: { name: string; argumentsText: string }[];
  finishReason: string | undefined;
  /** Of `usage`; undefined when the server counted nothing. */
  completionTokens: number | undefined;
  /** The server's words, when it refused. */
  error: string | undefined;
  /** Raw body; of a long one the beginning and the end. */
  raw: string;
}

const MOST_RAW = 6000;

interface Chunk {
  choices?: {
    delta?: {
      content?: string | null;
      reasoning?: string | null;
      reasoning_content?: string | null;
      tool_calls?: { index?: number; function?: { name?: string; arguments?: string } }[] | null;
    };
    finish_reason?: string | null;
  }[];
  usage?: { completion_tokens?: number } | null;
  error?: { message?: string };
  message?: string;
}

/** Sends one streamed chat request and reads the whole answer. */
export async function askChat(
  server: { apiRoot: string; apiKey?: string | undefined; headers?: Readonly<Record<string, string>> | undefined },
  body: Readonly<Record<string, unknown>>,
  options: { signal: AbortSignal; fetch?: typeof fetch | undefined },
): Promise<ChatAnswer> {
  const ask = options.fetch ?? createFetch();
  const response = await ask(`${server.apiRoot}/chat/completions`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...(server.apiKey === undefined ? {} : { authorization: `Bearer ${server.apiKey}` }),
      ...server.headers,
    },
    body: JSON.stringify({ ...body, stream: true, stream_options: { include_usage: true } }),
    signal: options.signal,
  });
  const { text } = await readText(response, DEFAULT_LIMITS.eventBytes);
  return readAnswer(response.status, text);
}

export function readAnswer(status: number, raw: string): ChatAnswer {
  const answer: ChatAnswer = {
    status,
    text: "",
    reasoning: "",
    calls: [],
    finishReason: undefined,
    completionTokens: undefined,
    error: undefined,
    raw: raw.length > MOST_RAW ? `${raw.slice(0, MOST_RAW / 2)}\n[…]\n${raw.slice(-MOST_RAW / 2)}` : raw,
  };
  const events = status === 200 ? [...raw.matchAll(/^data: ?(.*)$/gm)].map((match) => match[1] as string) : [raw];
  for (const event of events) {
    const chunk = parseJson(event) as Chunk | undefined;
    if (chunk === undefined) continue;
    const message = chunk.error?.message ?? (status === 200 ? undefined : chunk.message);
    if (message !== undefined) answer.error = message;
    answer.completionTokens = chunk.usage?.completion_tokens ?? answer.completionTokens;
    for (const { delta, finish_reason } of chunk.choices ?? []) {
      answer.text += delta?.content ?? "";
      answer.reasoning += delta?.reasoning ?? delta?.reasoning_content ?? "";
      if (finish_reason !== undefined && finish_reason !== null) answer.finishReason = finish_reason;
      for (const { index = 0, function: called } of delta?.tool_calls ?? []) {
        const call = (answer.calls[index] ??= { name: "", argumentsText: "" });
        call.name += called?.name ?? "";
        call.argumentsText += called?.arguments ?? "";
      }
    }
  }
  if (status !== 200) answer.error ??= `status ${status}`;
  return answer;
}
