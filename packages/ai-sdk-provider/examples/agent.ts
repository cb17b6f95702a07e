// #region docs
import { createVllm } from "@vllm/ai-sdk-provider";
import { ToolLoopAgent, tool } from "ai";
import { z } from "zod";

const vllm = createVllm({ baseURL: "http://gpu1:8000/v1", apiKey: "sk-1" });
const calculator = tool({
  description: "Calculates an expression",
  inputSchema: z.object({ expression: z.string() }),
  execute: ({ expression }) => (expression === "17 * 23" ? "391" : "unknown"),
});
const clock = tool({ description: "The time", inputSchema: z.object({}), execute: () => "12:30" });

const agent = new ToolLoopAgent({ model: vllm("lab/tiny"), tools: { calculator, clock } });
const { text, steps, usage } = await agent.generate({ prompt: "What time is it and what is 17 * 23?" });
console.log(text, steps.length, usage.inputTokenDetails.cacheReadTokens);
// #endregion
