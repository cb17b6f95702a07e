import type {
  ChatCompletionAssistantMessageParam,
  ChatCompletionContentPart,
  ChatCompletionContentPartImage,
  ChatCompletionContentPartText,
  ChatCompletionDeveloperMessageParam,
  ChatCompletionFunctionMessageParam,
  ChatCompletionSystemMessageParam,
  ChatCompletionToolMessageParam,
  ChatCompletionUserMessageParam,
} from "openai/resources/chat/completions";

/** A video, by address or as a data URL. Source: `ChatCompletionContentPartVideoParam`, vLLM 0.32.0 `renderers/chat_utils.py`. */
export interface VideoPart {
  type: "video_url";
  video_url: { url: string };
}

/** Sound, by address or as a data URL. Source: `ChatCompletionContentPartAudioParam`, vLLM 0.32.0 `renderers/chat_utils.py`. */
export interface AudioPart {
  type: "audio_url";
  audio_url: { url: string };
}

/** A picture with a name of the caller's own, by which vLLM caches it. Source: `uuid` in vLLM 0.32.0 `renderers/chat_utils.py`. */
export type ImagePart = ChatCompletionContentPartImage & { uuid?: string | undefined };

/** One part of a user's message: OpenAI's, and vLLM's own kinds. */
export type ContentPart = ChatCompletionContentPart | ImagePart | VideoPart | AudioPart;

/** A user turn: a text, or parts with text, pictures, sound and video. */
export interface UserMessage extends Omit<ChatCompletionUserMessageParam, "content"> {
  content: string | ContentPart[];
}

/** An assistant turn; `message` of a finished reply is one. */
interface AssistantMessage extends Omit<ChatCompletionAssistantMessageParam, "content"> {
  content?: ChatCompletionAssistantMessageParam["content"] | undefined;
  /** The reasoning of this turn. vLLM hands it to the chat template (0.24.0 and later; 0.10.2 ignores it). */
  reasoning?: string | null | undefined;
  /** The older name of {@link reasoning}; sent on as `reasoning`, because vllm-router drops the older one. */
  reasoning_content?: string | null | undefined;
}

/** A tool's result. vLLM takes pictures in it where the chat template does. */
export interface ToolMessage extends Omit<ChatCompletionToolMessageParam, "content"> {
  content: string | (ChatCompletionContentPartText | ImagePart)[];
}

/** One message of a conversation, in OpenAI's form, with what vLLM adds to it. */
export type ChatMessage =
  | ChatCompletionSystemMessageParam
  | ChatCompletionDeveloperMessageParam
  | UserMessage
  | AssistantMessage
  | ToolMessage
  | ChatCompletionFunctionMessageParam;
