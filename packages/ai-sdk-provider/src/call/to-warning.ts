import type { SharedV4Warning } from "@ai-sdk/provider";
import type { ChatWarning } from "@vllm/client";

export function toWarning({ code, message, hint }: ChatWarning): SharedV4Warning {
  return { type: "other", message: `${message} ${hint} (${code})` };
}
