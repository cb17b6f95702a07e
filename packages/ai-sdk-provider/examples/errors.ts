// #region docs
import { vllm } from "@vllm/ai-sdk-provider";
import { APICallError, generateText } from "ai";

try {
  await generateText({ model: vllm("lab/tinny"), prompt: "Hello" });
} catch (error) {
  if (!APICallError.isInstance(error)) throw error;
  console.log(error.message); // what happened, and what to type next
  console.log(error.statusCode, error.isRetryable, error.data); // data: code, hint, and the facts of this kind of error
}
// #endregion
