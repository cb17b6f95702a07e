// #region docs
import { createBridgeFetch } from "@vllm/bridge/fetch";
import OpenAI from "openai";

const openai = new OpenAI({ baseURL: "http://gpu1:8000/v1", apiKey: "none", fetch: createBridgeFetch() });
const stream = await openai.chat.completions.create({
  model: "lab/tiny",
  messages: [{ role: "user", content: "Hello" }],
  stream: true,
});
for await (const { choices } of stream) process.stdout.write(choices[0]?.delta.content ?? "");
// #endregion
