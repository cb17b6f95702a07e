export type { ChatMessage } from "@vllm/client";
