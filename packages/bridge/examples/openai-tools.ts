// #region docs
import { createBridgeFetch } from "@vllm/bridge/fetch";
import OpenAI from "openai";

const openai = new OpenAI({ baseURL: "http://gpu1:8000/v1", apiKey: "none", fetch: createBridgeFetch() });
const parameters = { type: "object", properties: { timezone: { type: "string" } } };
const clock = { name: "clock", description: "The time", parameters, parse: JSON.parse, function: () => "12:30" };
const runner = openai.chat.completions.runTools({
  model: "lab/tiny",
  messages: [{ role: "user", content: "What time is it?" }],
  tools: [{ type: "function", function: clock }],
});
console.log(await runner.finalContent());
// #endregion
