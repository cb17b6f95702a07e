// #region docs
import { Agent, OpenAIChatCompletionsModel, run, setTracingDisabled, tool } from "@openai/agents";
import { createBridgeFetch } from "@vllm/bridge/fetch";
import OpenAI from "openai";
import { z } from "zod";

setTracingDisabled(true); // it would go to OpenAI
const openai = new OpenAI({ baseURL: "http://gpu1:8000/v1", apiKey: "none", fetch: createBridgeFetch() });
const clock = tool({ name: "clock", description: "The time", parameters: z.object({}), execute: () => "12:30" });
const model = new OpenAIChatCompletionsModel(openai, "lab/tiny");
const agent = new Agent({ name: "Assistant", model, tools: [clock] });
console.log((await run(agent, "What time is it?")).finalOutput);
// #endregion
