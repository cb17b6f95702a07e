// #region docs
import { OpenAI } from "@llamaindex/openai";
import { agent } from "@llamaindex/workflow";
import { createBridgeFetch } from "@vllm/bridge/fetch";
import { tool } from "llamaindex";
import { z } from "zod";

const baseURL = "http://gpu1:8000/v1";
const additionalSessionOptions = { fetch: createBridgeFetch() };
// Without supportToolCall it takes a model that it does not know for one that calls no tools.
const llm = new OpenAI({ model: "lab/tiny", apiKey: "none", baseURL, additionalSessionOptions, supportToolCall: true });
const clock = tool({ name: "clock", description: "The time", parameters: z.object({}), execute: () => "12:30" });
const { data } = await agent({ llm, tools: [clock] }).run("What time is it?");
console.log(data.result);
// #endregion
