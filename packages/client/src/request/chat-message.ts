/** A piece of text. */
export interface TextPart {
  type: "text";
  text: string;
}

/** A picture, by address or as a data URL. */
export interface ImagePart {
  type: "image_url";
  image_url: { url: string; detail?: "auto" | "low" | "high" | "original" | undefined };
  /** A name of the caller's own, by which vLLM caches the picture. Source: `uuid` in vLLM 0.32.0 `renderers/chat_utils.py`. */
  uuid?: string | undefined;
}

/** Sound, as base64. */
export interface InputAudioPart {
  type: "input_audio";
  input_audio: { data: string; format: "wav" | "mp3" };
}

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

/** A file in OpenAI's form, for servers in front of vLLM that accept one; vLLM itself does not. */
interface FilePart {
  type: "file";
  file: { file_data?: string | undefined; file_id?: string | undefined; filename?: string | undefined };
}

/** What the model refused to answer, in OpenAI's form. */
interface RefusalPart {
  type: "refusal";
  refusal: string;
}

/** One part of a user's message: OpenAI's, and vLLM's own kinds. */
export type ContentPart = TextPart | ImagePart | InputAudioPart | FilePart | VideoPart | AudioPart;

/** A system turn. Most chat templates accept one, and only as the first message. */
export interface SystemMessage {
  role: "system";
  content: string | TextPart[];
  name?: string | undefined;
}

/** A system turn under OpenAI's newer name. */
export interface DeveloperMessage {
  role: "developer";
  content: string | TextPart[];
  name?: string | undefined;
}

/** A user turn: a text, or parts with text, pictures, sound and video. */
export interface UserMessage {
  role: "user";
  content: string | ContentPart[];
  name?: string | undefined;
}

/** A call in an assistant turn. */
export interface MessageToolCall {
  id: string;
  type: "function";
  /** `arguments` is JSON text. */
  function: { name: string; arguments: string };
}

/** A call in OpenAI's form without a JSON Schema; vLLM makes none. */
interface CustomToolCall {
  id: string;
  type: "custom";
  custom: { name: string; input: string };
}

/** An assistant turn; `message` of a finished reply is one. */
export interface AssistantTurn {
  role: "assistant";
  content?: string | (TextPart | RefusalPart)[] | null | undefined;
  tool_calls?: (MessageToolCall | CustomToolCall)[] | undefined;
  name?: string | undefined;
  refusal?: string | null | undefined;
  /** The reasoning of this turn. vLLM hands it to the chat template (0.24.0 and later; 0.10.2 ignores it). */
  reasoning?: string | null | undefined;
  /** The older name of {@link reasoning}; sent on as `reasoning`, because vllm-router drops the older one. */
  reasoning_content?: string | null | undefined;
}

/** A tool's result. vLLM takes pictures in it where the chat template does. */
export interface ToolMessage {
  role: "tool";
  tool_call_id: string;
  content: string | (TextPart | ImagePart)[];
}

/** The result of a function, in the form that OpenAI had before tools. */
interface FunctionMessage {
  role: "function";
  name: string;
  content: string | null;
}

/** One message of a conversation, in OpenAI's form, with what vLLM adds to it. */
export type ChatMessage =
  | SystemMessage
  | DeveloperMessage
  | UserMessage
  | AssistantTurn
  | ToolMessage
  | FunctionMessage;
