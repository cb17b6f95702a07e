export { createVllmClient } from "./create-vllm-client.ts";
export type { VllmClient } from "./create-vllm-client.ts";
export type {
  DetokenizeParams,
  TokenizeChatParams,
  TokenizedText,
  TokenizeParams,
  TokenizeTextParams,
} from "./routes/tokenize.ts";
export type {
  BrokenCalls,
  ChatOptions,
  LearnedFacts,
  ModelsOptions,
  PostOptions,
  ResponseInfo,
  RetryOptions,
  TimeoutOptions,
  TokenizeOptions,
  VllmClientOptions,
} from "./options/client-options.ts";
export type { FindProfile, ProfileSource } from "./options/profile-source.ts";
export type { ServedModel } from "./routes/served-model.ts";
export type { ChatReply } from "./chat/chat-reply.ts";
export type { VllmChatCompletionChunk, VllmChunkChoice, VllmDelta } from "./stream/raw-chunk.ts";
export type {
  ChatEvent,
  DoneEvent,
  StartEvent,
  TextDeltaEvent,
  TextEndEvent,
  TextStartEvent,
  ThinkingDeltaEvent,
  ThinkingEndEvent,
  ThinkingStartEvent,
  TokensEvent,
  ToolCallDeltaEvent,
  ToolCallEndEvent,
  ToolCallStartEvent,
  WaitingEvent,
  WarningEvent,
} from "./stream/events.ts";
export type { AssistantMessage, ChatChoice, ChatResult, EmptyTurn } from "./stream/result.ts";
export { toOpenAIFinishReason } from "./stream/finish-reason.ts";
export type { AnswerEnding, FinishReason } from "./stream/finish-reason.ts";
export type { ParsedToolCall, ToolCallParseError } from "./stream/tool-call.ts";
export type { LargeIntegers } from "./repairs/large-integers.ts";
export type { Repair } from "./repairs/repairs.ts";
export type { ChatWarning, ChatWarningCode } from "./stream/warning.ts";
export type { WireUsage } from "./stream/wire-chunk.ts";
export type { ResumeOption } from "./resume/resume-option.ts";
export type { HeaderSource } from "./connection/header-source.ts";
export type { FetchFunction, Logger, TlsOptions } from "@vllm/transport/internal";
export { defineTool, validateToolCall } from "./schemas/index.ts";
export type {
  CallToValidate,
  DefinedTool,
  JsonSchema,
  OutputSchema,
  RunnableTool,
  RunnableToolDefinition,
  ToolContext,
  ToolDefinition,
  ToolOutput,
  ValidatedToolCall,
} from "./schemas/index.ts";
export { toAffinityHeaders } from "./request/affinity.ts";
export { conversationId } from "./request/conversation-id.ts";
export { toDynamoHeaders, toLlmdHeaders } from "./request/router-headers.ts";
export type {
  Affinity,
  AffinityOptions,
  AssistantTurn,
  AudioPart,
  ChatMessage,
  ChatParams,
  ContentPart,
  DeveloperMessage,
  DynamoSession,
  FunctionTool,
  HistoryOptions,
  ImagePart,
  InputAudioPart,
  LlmdRequest,
  MessageToolCall,
  RecoverOptions,
  RepetitionDetection,
  ResponseFormat,
  StreamOptions,
  StructuredOutputs,
  SystemMessage,
  TextPart,
  Thinking,
  ToolChoice,
  ToolMessage,
  UserMessage,
  VideoPart,
  VllmParams,
} from "./request/index.ts";
/** What had arrived when an error ended the reply: `error.partial`. */
export type { PartialAnswer as ChatPartial } from "@vllm/schema/core";
export { VLLM_ERROR_CODES, VllmError } from "@vllm/schema/core";
export { VERSION } from "@vllm/schema/internal";
export type { ModelProfile, RateLimit, RateLimitQuota, VllmErrorCode } from "@vllm/schema/core";
