// #region docs
import { readFile } from "node:fs/promises";
import { vllm } from "@vllm/ai-sdk-provider";
import { generateText } from "ai";

const picture = { type: "file" as const, mediaType: "image/png", data: await readFile("square.png") };
const question = { type: "text" as const, text: "What is on a picture like this?" };
const { text } = await generateText({ model: vllm(), messages: [{ role: "user", content: [picture, question] }] });
console.log(text);
// #endregion
