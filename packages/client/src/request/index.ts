export type { Affinity, AffinityOptions } from "./affinity.ts";
export type {
  AudioPart,
  ChatMessage,
  ContentPart,
  ImagePart,
  ToolMessage,
  UserMessage,
  VideoPart,
} from "./chat-message.ts";
export type { ChatParams, ResponseFormat, StreamOptions, Thinking } from "./chat-params.ts";
export type { HistoryOptions } from "./history-options.ts";
export { prepareRequest } from "./prepare-request.ts";
export type { PrepareContext, PreparedRequest, RecoverOptions } from "./prepare-request.ts";
export { TOOLS_IN_TEXT } from "./to-text-tool-request.ts";
export type { RepetitionDetection, StructuredOutputs, VllmParams } from "./vllm-params.ts";
export { withModel } from "./with-model.ts";
