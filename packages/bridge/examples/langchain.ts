// #region docs
import { tool } from "@langchain/core/tools";
import { ChatOpenAI } from "@langchain/openai";
import { createBridgeFetch } from "@vllm/bridge/fetch";
import { z } from "zod";

const configuration = { baseURL: "http://gpu1:8000/v1", fetch: createBridgeFetch() };
const clock = tool(() => "12:30", { name: "clock", description: "The time", schema: z.object({}) });
const model = new ChatOpenAI({ model: "lab/tiny", apiKey: "none", maxRetries: 0, configuration }).bindTools([clock]);

const question = { role: "user", content: "What time is it?" };
const answer = await model.invoke([question]);
const results = await Promise.all(
  (answer.tool_calls ?? []).map((call) => clock.invoke({ ...call, type: "tool_call" })),
);
console.log((await model.invoke([question, answer, ...results])).text);
// #endregion
