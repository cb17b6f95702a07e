// #region docs
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { Agent } from "@mastra/core/agent";
import { createTool } from "@mastra/core/tools";
import { createBridgeFetch } from "@vllm/bridge/fetch";
import { z } from "zod";

const vllm = createOpenAICompatible({ name: "vllm", baseURL: "http://gpu1:8000/v1", fetch: createBridgeFetch() });
const clock = createTool({
  id: "clock",
  description: "The time",
  inputSchema: z.object({}),
  execute: async () => "12:30",
});
const instructions = "You are a helpful assistant.";
const agent = new Agent({
  id: "assistant",
  name: "Assistant",
  instructions,
  model: vllm("lab/tiny"),
  tools: { clock },
});
console.log((await agent.generate("What time is it?")).text);
// #endregion
