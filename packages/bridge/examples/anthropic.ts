// #region docs
import Anthropic from "@anthropic-ai/sdk";
import { createBridgeFetch } from "@vllm/bridge/fetch";

// Without /v1: the package adds it.
const anthropic = new Anthropic({ baseURL: "http://gpu1:8000", authToken: "none", fetch: createBridgeFetch() });
const stream = anthropic.messages.stream({
  model: "lab/tiny",
  max_tokens: 1024,
  messages: [{ role: "user", content: "Hello" }],
});
stream.on("text", (text) => void process.stdout.write(text));
await stream.finalMessage();
// #endregion
