// #region docs
import { vllm } from "@vllm/ai-sdk-provider"; // VLLM_BASE_URL, VLLM_API_KEY, and the server's only model
import { streamText } from "ai";

const result = streamText({ model: vllm(), prompt: "Hello", abortSignal: AbortSignal.timeout(120_000) });
for await (const part of result.stream) {
  if (part.type === "reasoning-delta") process.stderr.write(part.text);
  if (part.type === "text-delta") process.stdout.write(part.text);
  if (part.type === "error") console.error(part.error); // what happened, and what to do
}
// #endregion
