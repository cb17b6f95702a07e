import type { LanguageModelV4 } from "@ai-sdk/provider";
import { readModelId } from "../call/model-id.ts";
import { generateAnswer } from "./generate-answer.ts";
import type { ModelContext } from "./start-call.ts";
import { streamAnswer } from "./stream-answer.ts";

/** vLLM fetches these itself. Files by another way are sent inside the request. */
const BY_ADDRESS = [/^https?:\/\//];

/** `POST /v1/chat/completions` as a language model of the AI SDK. */
export function createLanguageModel(context: ModelContext, given: string | undefined): LanguageModelV4 {
  const { modelId, served } = readModelId(given);
  return {
    specificationVersion: "v4",
    provider: "vllm.chat",
    modelId,
    supportedUrls: { "image/*": BY_ADDRESS, "audio/*": BY_ADDRESS, "video/*": BY_ADDRESS },
    doGenerate: (options) => generateAnswer(context, served, options),
    doStream: (options) => streamAnswer(context, served, options),
  };
}
