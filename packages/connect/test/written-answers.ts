import type { ControlledStream, FakeVllm, FakeVllmOptions } from "@vllm-tooling/fake-vllm";
import { chunk, createControlledStream } from "@vllm-tooling/fake-vllm";

/** What a fake vLLM answers one chat request with. */
export type Answer = (stream: ControlledStream) => void;

/** One answer for each chat request; the last one goes on. */
export function inTurn(answers: readonly Answer[]): NonNullable<FakeVllmOptions["scenario"]> {
  let next = 0;
  return () => {
    const stream = createControlledStream();
    (answers[Math.min(next, answers.length - 1)] as Answer)(stream);
    next += 1;
    return stream;
  };
}

export const write =
  (...events: readonly object[]): Answer =>
  (stream) => {
    for (const event of events) stream.writeEvent(event);
    stream.write("data: [DONE]\n\n");
    stream.end();
  };

export const sayText = (text: string): Answer => write(chunk({ role: "assistant", content: text }), chunk({}, "stop"));

export const sayCall = (name: string, argumentsText: string): Answer =>
  write(
    chunk({ reasoning: "I think." }),
    chunk({
      tool_calls: [
        { index: 0, id: "chatcmpl-tool-a1", type: "function", function: { name, arguments: argumentsText } },
      ],
    }),
    chunk({}, "tool_calls"),
  );

type ChatBody = { messages: { role: string; reasoning?: string; tool_calls?: { id: string }[] }[] } & Record<
  string,
  unknown
>;

/** Bodies of the chat requests that a server has got. */
export const chats = (server: FakeVllm): ChatBody[] =>
  server.requests
    .filter(({ method, path }) => method === "POST" && path === "/v1/chat/completions")
    .map(({ body }) => body as ChatBody);
