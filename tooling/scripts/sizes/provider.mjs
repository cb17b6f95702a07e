// A page, or a worker, with a provider of the AI SDK and an answer; the AI SDK itself is not counted.
import { createVllm } from "@vllm/ai-sdk-provider";

const { stream } = await createVllm({ baseURL: "http://127.0.0.1:8000" })().doStream({ prompt: [] });
for await (const part of stream) console.log(part);
