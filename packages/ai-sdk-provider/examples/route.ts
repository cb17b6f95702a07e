// #region docs
import { vllm } from "@vllm/ai-sdk-provider";
import {
  convertToModelMessages,
  createUIMessageStreamResponse,
  streamText,
  toUIMessageStream,
  type UIMessage,
} from "ai";
import { Hono } from "hono";

export const app = new Hono();

app.post("/api/chat", async (context) => {
  const { messages } = await context.req.json<{ messages: UIMessage[] }>();
  const { stream } = streamText({
    model: vllm(),
    messages: await convertToModelMessages(messages),
    abortSignal: context.req.raw.signal, // who closes the page stops the GPU
  });
  const onError = (error: unknown) => (error instanceof Error ? error.message : String(error));
  return createUIMessageStreamResponse({ stream: toUIMessageStream({ stream, onError }) });
});
// #endregion
