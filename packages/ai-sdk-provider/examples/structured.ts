// #region docs
import { vllm } from "@vllm/ai-sdk-provider";
import { generateText, Output } from "ai";
import { z } from "zod";

const { output } = await generateText({
  model: vllm(),
  output: Output.object({ schema: z.object({ city: z.string(), temperature: z.number() }) }),
  prompt: "The weather in Paris, please: answer as json.",
});
console.log(output.city, output.temperature);
// #endregion
