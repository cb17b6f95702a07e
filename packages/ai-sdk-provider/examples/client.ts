// #region docs
import { vllm } from "@vllm/ai-sdk-provider";

const [model] = await vllm.client.models();
const messages = [{ role: "user" as const, content: "Hello" }];
console.log(model?.id, model?.maxModelLen, await vllm.client.countTokens({ messages })); // by the server's own tokenizer
// #endregion
