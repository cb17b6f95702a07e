import type { ChatCompletionChunk } from "openai/resources/chat/completions";

/** A chunk as vLLM sends it: OpenAI's, with vLLM's fields. */
export type VllmChatCompletionChunk = ChatCompletionChunk & { [field: string]: unknown };
