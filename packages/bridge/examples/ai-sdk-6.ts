// #region docs
import { createOpenAICompatible } from "@ai-sdk/openai-compatible"; // 2.x
import { createBridgeFetch } from "@vllm/bridge/fetch";
import { stepCountIs, streamText, tool } from "ai6"; // npm install ai6@npm:ai@6, or simply ai@6
import { z } from "zod";

const baseURL = "http://gpu1:8000/v1";
const vllm = createOpenAICompatible({ name: "vllm", baseURL, includeUsage: true, fetch: createBridgeFetch() });
const clock = tool({ description: "The time", inputSchema: z.object({}), execute: () => "12:30" });
const options = { tools: { clock }, stopWhen: stepCountIs(5) };
const { textStream } = streamText({ model: vllm("lab/tiny"), prompt: "What time is it?", ...options });
for await (const text of textStream) process.stdout.write(text);
// #endregion
