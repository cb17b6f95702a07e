import type {
  ChatMessage,
  ChatParams,
  FunctionTool,
  DefinedTool,
  VllmChatCompletionChunk,
  AssistantMessage,
} from "@vllm/client";
import type { createOpenAI } from "@vllm/client/openai";
import type OpenAI from "openai";
import type {
  ChatCompletionChunk,
  ChatCompletionCreateParams,
  ChatCompletionCreateParamsNonStreaming,
  ChatCompletionFunctionTool,
  ChatCompletionMessage,
  ChatCompletionMessageParam,
} from "openai/resources/chat/completions";
import { expectTypeOf, test } from "vitest";

test("what was written for the openai package can be sent", () => {
  expectTypeOf<ChatCompletionMessageParam>().toExtend<ChatMessage>();
  expectTypeOf<ChatCompletionMessage>().toExtend<ChatMessage>();
  expectTypeOf<ChatCompletionFunctionTool>().toExtend<FunctionTool>();
  type WithFunctions<Params> = Omit<Params, "tools"> & { tools?: ChatCompletionFunctionTool[] };
  expectTypeOf<WithFunctions<ChatCompletionCreateParams>>().toExtend<ChatParams>();
  expectTypeOf<WithFunctions<ChatCompletionCreateParamsNonStreaming>>().toExtend<ChatParams>();
});

test("what the client returns fits code for the openai package", () => {
  expectTypeOf<AssistantMessage>().toExtend<ChatCompletionMessageParam>();
  expectTypeOf<VllmChatCompletionChunk>().toExtend<ChatCompletionChunk>();
  expectTypeOf<DefinedTool>().toExtend<FunctionTool>();
});

test("a raw chunk has vLLM's fields", () => {
  type Choice = VllmChatCompletionChunk["choices"][number];
  expectTypeOf<Choice["delta"]["reasoning"]>().toEqualTypeOf<string | null | undefined>();
  expectTypeOf<Choice["stop_reason"]>().toEqualTypeOf<string | number | null | undefined>();
  expectTypeOf<Choice["token_ids"]>().toEqualTypeOf<number[] | null | undefined>();
  expectTypeOf<VllmChatCompletionChunk["prompt_token_ids"]>().toEqualTypeOf<number[] | null | undefined>();
});

test("createOpenAI knows the window of a model", () => {
  type Client = ReturnType<typeof createOpenAI>;
  expectTypeOf<Client>().toExtend<OpenAI>();
  const read = async (client: Client) => {
    const { data } = await client.models.list();
    const one = await client.models.retrieve("m");
    for await (const model of client.models.list()) return [model.max_model_len, data[0]?.root, one.parent];
    return [];
  };
  expectTypeOf(read).returns.resolves.toEqualTypeOf<(string | number | null | undefined)[]>();
});
