export type { Affinity, AffinityOptions } from "./affinity.ts";
export type {
  AssistantTurn,
  AudioPart,
  ChatMessage,
  ContentPart,
  DeveloperMessage,
  ImagePart,
  InputAudioPart,
  MessageToolCall,
  SystemMessage,
  TextPart,
  ToolMessage,
  UserMessage,
  VideoPart,
} from "./chat-message.ts";
export type { ChatParams, Thinking } from "./chat-params.ts";
export type { FunctionTool, ResponseFormat, StreamOptions, ToolChoice } from "./openai-params.ts";
export type { DynamoSession, LlmdRequest } from "./router-headers.ts";
export { conversationId } from "./conversation-id.ts";
export type { HistoryOptions } from "./history-options.ts";
export { prepareRequest } from "./prepare-request.ts";
export type { PrepareContext, PreparedRequest, RecoverOptions } from "./prepare-request.ts";
export { TOOLS_IN_TEXT } from "./to-text-tool-request.ts";
export type { RepetitionDetection, StructuredOutputs, VllmParams } from "./vllm-params.ts";
export { withModel } from "./with-model.ts";
