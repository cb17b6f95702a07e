import type { Played } from "./play-server.ts";

const HEAD = { id: "chatcmpl-1", object: "chat.completion.chunk", created: 1_800_000_000, model: "m" };

export interface Written {
  text?: string;
  reasoning?: string;
  /** Name, arguments and, where it matters, the id of its calls. */
  calls?: readonly (readonly [name: string, argumentsText: string, id?: string])[];
  finish?: string;
  usage?: object;
}

export const USAGE = {
  prompt_tokens: 10,
  completion_tokens: 5,
  total_tokens: 15,
  prompt_tokens_details: { cached_tokens: 4 },
  completion_tokens_details: { reasoning_tokens: 2 },
};

/** A streamed answer, in chunks as vLLM 0.32.0 sends them. */
export function streamed({ text, reasoning, calls = [], finish, usage = USAGE }: Written): Played {
  const deltas = [
    { role: "assistant", content: "" },
    ...(reasoning === undefined ? [] : [{ reasoning }]),
    ...(text === undefined ? [] : [{ content: text }]),
    ...calls.map(([name, argumentsText, id], index) => ({
      tool_calls: [
        { index, id: id ?? `call-${index}`, type: "function", function: { name, arguments: argumentsText } },
      ],
    })),
  ];
  const reason = finish ?? (calls.length > 0 ? "tool_calls" : "stop");
  return {
    body: [
      ...deltas.map((delta) => ({ ...HEAD, choices: [{ index: 0, delta, finish_reason: null }] })),
      { ...HEAD, choices: [{ index: 0, delta: {}, finish_reason: reason, stop_reason: null }] },
      { ...HEAD, choices: [], usage },
    ],
  };
}

export function refused(status: number, message: string, headers: Record<string, string> = {}): Played {
  return { status, headers, body: { error: { message, type: "BadRequestError", param: null, code: status } } };
}
