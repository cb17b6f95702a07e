import {
  NoSuchModelError,
  type EmbeddingModelV4,
  type LanguageModelV4,
  type ProviderV4,
  type RerankingModelV4,
} from "@ai-sdk/provider";
import { createVllmClient, type VllmClient } from "@vllm/client";
import { createLanguageModel } from "./chat/language-model.ts";
import { createEmbeddingModel } from "./embedding-model.ts";
import { ModelProfiles } from "./call/model-profiles.ts";
import { createRerankingModel } from "./reranking-model.ts";
import { checkSettings, type VllmProviderSettings } from "./settings.ts";

/** A vLLM server as a provider of the AI SDK. A model that is not named is the only one of the server; its `modelId` is then `auto`. */
export interface VllmProvider extends ProviderV4 {
  (modelId?: string): LanguageModelV4;
  languageModel(modelId?: string): LanguageModelV4;
  embeddingModel(modelId?: string): EmbeddingModelV4;
  rerankingModel(modelId?: string): RerankingModelV4;
  /** The client beneath, for what the AI SDK has no word for: `models()` with their windows, `countTokens()`, routes of vLLM's own. */
  readonly client: VllmClient;
  /** @throws {NoSuchModelError} always: vLLM's OpenAI routes make no images */
  imageModel(modelId: string): never;
}

/**
 * A provider for one vLLM server, or a router in front of several. Nothing is sent before the first request.
 *
 * @throws {VllmError} `CONFIG_INVALID` when a setting cannot be used
 */
export function createVllm(settings: VllmProviderSettings = {}): VllmProvider {
  checkSettings(settings);
  const client = createClient(settings);
  return toProvider(() => client, settings);
}

/** The server of `VLLM_BASE_URL` (else this machine's port 8000), with the key of `VLLM_API_KEY`. The variables are read at its first use. */
export const vllm: VllmProvider = /* #__PURE__ */ createDefault();

function createDefault(): VllmProvider {
  let client: VllmClient | undefined;
  return toProvider(() => (client ??= createClient({})), {});
}

function createClient({ baseURL, profile: _profile, ...options }: VllmProviderSettings): VllmClient {
  return createVllmClient({
    ...options,
    baseUrl: options.baseUrl ?? baseURL,
    brokenCalls: "retry",
    // The AI SDK sends again by itself; both together would multiply.
    retry: { maxRetries: 0 },
  });
}

function toProvider(getClient: () => VllmClient, { profile }: VllmProviderSettings): VllmProvider {
  const profiles = new ModelProfiles(profile);
  const languageModel = (modelId?: string) => createLanguageModel({ getClient, profiles }, modelId);
  const provider = Object.assign((modelId?: string) => languageModel(modelId), {
    specificationVersion: "v4" as const,
    languageModel,
    embeddingModel: (modelId?: string) => createEmbeddingModel(getClient, modelId),
    rerankingModel: (modelId?: string) => createRerankingModel(getClient, modelId),
    imageModel(modelId: string): never {
      throw new NoSuchModelError({ modelId, modelType: "imageModel" });
    },
  });
  return Object.defineProperty(provider, "client", { get: getClient }) as typeof provider & { client: VllmClient };
}
