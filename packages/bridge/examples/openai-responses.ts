// #region docs
import { createBridgeFetch } from "@vllm/bridge/fetch";
import OpenAI from "openai";

const openai = new OpenAI({ baseURL: "http://gpu1:8000/v1", apiKey: "none", fetch: createBridgeFetch() });
const { output, output_text } = await openai.responses.create({ model: "lab/tiny", input: "Hello" });
const reasoning = output.flatMap((item) => (item.type === "reasoning" ? (item.content ?? []) : []));
console.log(output_text, reasoning.map(({ text }) => text).join(""));
// #endregion
