// #region docs
import { createVllm, type VllmLanguageModelOptions } from "@vllm/ai-sdk-provider";
import { discoverServer } from "@vllm/discovery";
import { generateText } from "ai";

const baseURL = "http://gpu1:8000/v1";
const findModel = async (id?: string) => {
  const { models } = await discoverServer({ baseUrl: baseURL });
  return models.find((model) => model.id === id) ?? models[0];
};
const vllm = createVllm({ baseURL, profile: async (id) => (await findModel(id))?.profile });

const { text } = await generateText({
  model: vllm("lab/tiny"),
  prompt: "Hello",
  reasoning: "none", // sent as the switch of the model's family, which the profile knows
  providerOptions: { vllm: { min_p: 0.05, priority: -1 } satisfies VllmLanguageModelOptions },
});
console.log(text);
// #endregion
