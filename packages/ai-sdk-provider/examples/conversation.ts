// #region docs
import { vllm } from "@vllm/ai-sdk-provider";
import { generateText, type ModelMessage } from "ai";

const messages: ModelMessage[] = [];
for (const content of ["Hello", "Summarise the conversation so far"]) {
  messages.push({ role: "user", content });
  const { text, responseMessages, usage } = await generateText({ model: vllm(), messages });
  messages.push(...responseMessages); // its reasoning, too: it goes back in the field that chat templates read
  console.log(text, usage.inputTokens, usage.inputTokenDetails.cacheReadTokens);
}
// #endregion
