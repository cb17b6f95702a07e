// #region docs
import { createVllm, type VllmLanguageModelOptions } from "@vllm/ai-sdk-provider";
import { discoverServer } from "@vllm/discovery";
import { generateText } from "ai";

const baseURL = "http://gpu1:8000/v1";
const vllm = createVllm({
  baseURL,
  profile: async (id) => (await discoverServer({ baseUrl: baseURL })).models.find((model) => model.id === id)?.profile,
});

const { text } = await generateText({
  model: vllm("lab/tiny"),
  prompt: "Hello",
  reasoning: "none", // sent as the switch of the model's family, which the profile knows
  providerOptions: { vllm: { min_p: 0.05, repetition_penalty: 1.05 } satisfies VllmLanguageModelOptions },
});
console.log(text);
// #endregion
