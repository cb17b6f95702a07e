import {
  createVllmClient,
  type ChatEvent,
  type ChatParams,
  type ChatReply,
  type ChatResult,
  type ModelProfile,
  type ParsedToolCall,
} from "@vllm/client";
import { expect, expectTypeOf, test } from "vitest";
import { z } from "zod";

const client = createVllmClient({ baseUrl: "http://127.0.0.1:1", retry: { maxRetries: 0 } });
const messages = [{ role: "user" as const, content: "hello" }];

test("the schema of the answer is the type of the output", () => {
  const answer = client.chat({
    model: "m",
    messages,
    outputSchema: z.object({ city: z.string(), population: z.number() }),
  });
  expectTypeOf(answer).toEqualTypeOf<ChatReply<{ city: string; population: number }>>();
  answer.abort();
  const plain = client.chat({ model: "m", messages });
  expectTypeOf(plain).toEqualTypeOf<ChatReply<undefined>>();
  plain.abort();
});

test("an event's type tells its fields", () => {
  const read = (event: ChatEvent) => {
    if (event.type === "text_delta") expectTypeOf(event.delta).toBeString();
    if (event.type === "toolcall_end") expectTypeOf(event.toolCall).toEqualTypeOf<ParsedToolCall>();
    if (event.type === "done") expectTypeOf(event.message.role).toEqualTypeOf<"assistant">();
    // @ts-expect-error a text has no index
    if (event.type === "text_delta") return event.index;
    return undefined;
  };
  expectTypeOf(read).toBeFunction();
});

test("vLLM's parameters are typed, and a slip of the pen does not compile", () => {
  client
    .chat({ model: "m", messages, top_k: 20, min_p: 0.1, chat_template_kwargs: { enable_thinking: false } })
    .abort();
  // @ts-expect-error top_kk is no parameter
  client.chat({ model: "m", messages, top_kk: 20 }).abort();
  // @ts-expect-error a role that does not exist
  client.chat({ model: "m", messages: [{ role: "robot", content: "x" }] }).abort();
});

test("a profile by hand holds what is known, and no more", async () => {
  const thinking: ModelProfile["thinking"] = {
    value: { default: "on", off: { chat_template_kwargs: { thinking: false } } },
    source: "user",
    evidence: "the model card",
  };
  let body: unknown;
  const known = createVllmClient({
    recover: { thinkTags: true, toolCallText: true },
    profile: { thinking },
    fetch: async (_, init) => {
      body = JSON.parse(init.body ?? "");
      throw new TypeError("nothing is sent");
    },
  });
  const tools = [{ type: "function" as const, function: { name: "f" } }];
  await expect(known.complete({ model: "m", messages, tools, thinking: "off" })).rejects.toMatchObject({
    code: "SERVER_UNREACHABLE",
  });
  expect(body).toMatchObject({ chat_template_kwargs: { thinking: false } });
  // @ts-expect-error no such switch
  createVllmClient({ profile: { thinking: { value: { default: "on", of: {} }, source: "user", evidence: "" } } });
});

test("parameters, result and events fit together without type arguments", () => {
  const ask = async (params: ChatParams, onEvent: (event: ChatEvent) => void): Promise<ChatResult> => {
    for await (const event of client.chat(params)) onEvent(event);
    const reply: ChatReply = client.chat(params);
    await client.chat({ ...params, outputSchema: z.object({ city: z.string() }) }).forEach(onEvent);
    return reply.forEach(onEvent);
  };
  expectTypeOf(ask).returns.resolves.toEqualTypeOf<ChatResult>();
  const show = (result: ChatResult): string => result.text;
  expectTypeOf(show).parameter(0).toEqualTypeOf<ChatResult<unknown>>();
  const typed = async () => show(await client.complete({ messages, outputSchema: z.object({ city: z.string() }) }));
  expectTypeOf(typed).returns.resolves.toBeString();
});

test("the output of z.toJSONSchema fits as parameters of a tool", () => {
  const parameters = z.toJSONSchema(z.object({ city: z.string() }));
  const tools: ChatParams["tools"] = [{ type: "function", function: { name: "f", parameters } }];
  client.chat({ messages, tools }).abort();
});

test("a message of a result can be sent back", () => {
  const next = async () => {
    const { message } = await client.complete({ model: "m", messages });
    return client.chat({ model: "m", messages: [...messages, message] });
  };
  expectTypeOf(next).returns.resolves.toEqualTypeOf<ChatReply<undefined>>();
});
