import type { ModelProfile, VllmError } from "@vllm/schema/core";
import type { FleetFacts } from "./fleet-facts.ts";
import type { Finding } from "./finding.ts";
import type { Capability } from "./capability.ts";
import type { ServerCapacity } from "./server-capacity.ts";

/** What answers at the address. The marks of each are in `classify-server.ts`. */
export type ServerKind =
  /** vLLM, alone or behind a proxy that changes nothing. */
  | "vllm"
  /** vLLM servers behind `vllm-router` (the Rust one, PyPI). */
  | "vllm-router"
  /** vLLM servers behind the router of vLLM's production-stack. */
  | "production-stack"
  | "litellm"
  | "ray-serve"
  | "ollama"
  | "llama.cpp"
  | "sglang"
  | "lm-studio"
  /** An OpenAI-compatible server that shows no mark of its maker. */
  | "openai-compatible"
  /** An HTML page. */
  | "web-page"
  /** An HTML page that asks for a name and password, or a redirect to one. */
  | "login-page"
  /** An HTTP server that answers nothing we know. */
  | "other-http"
  /** Something wants a key before it says what it is. */
  | "locked"
  /** No HTTP answer. */
  | "nothing";

/**
 * - `ready`: chats can be sent
 * - `starting`: the server is up and says that it is not ready
 * - `asleep`: an engine sleeps; `/health` answers 200 and chats wait without an end
 * - `unhealthy`: it answers, and its engine or all servers behind it are down
 * - `locked`: the key is missing or wrong
 * - `unreachable`: no HTTP answer
 * - `wrong-server`: something else answers there
 */
export type ServerState = "ready" | "starting" | "asleep" | "unhealthy" | "locked" | "unreachable" | "wrong-server";

/** What a served model does, by evidence. */
export type ModelTask =
  | "chat"
  | "completion"
  | "embedding"
  | "rerank"
  | "classification"
  | "transcription"
  /** Nobody said it. Such a model is offered as a chat model. */
  | "unknown";

/** A model that the server lists, with what is known about it. */
export interface DiscoveredModel {
  /** What to send as `model`. Free of control characters. */
  id: string;
  /** What the served names of one model have in common (`root` of `/v1/models`). */
  root: string | undefined;
  /** Base model of a LoRA adapter. */
  parent: string | undefined;
  /** Other served names of the same model. */
  aliases: readonly string[];
  /** What it is for: by the routes of its server; with `probe: "active"` also by its answers. Only chat models are offered to agents. */
  task: ModelTask;
  /** The observation behind {@link task}, in words fit to print. */
  taskEvidence: string;
  /** Prompt plus output in tokens; undefined when nobody said it. `profile.contextWindow` tells where it comes from. */
  contextWindow: number | undefined;
  /** Whether `tools` with `tool_choice: "auto"` work: the template knows tools, and the server has a tool parser. */
  toolCalling: Capability;
  /** Whether `tool_choice: "required"` is taken; only `probe: "active"` asks. vLLM up to 0.12 took it without a tool parser. */
  requiredToolCalls: Capability;
  /** The same for a `tool_choice` that names a tool. */
  namedToolCalls: Capability;
  /** Whether the template writes several calls of one turn. */
  parallelToolCalls: Capability;
  /** Whether the model thinks before it answers, or can be told to. */
  thinks: Capability;
  /** Whether the thought comes in a field of its own: the server has a reasoning parser. */
  reasoning: Capability;
  /** Whether answers can be held to a JSON schema. */
  structuredOutput: Capability;
  /** Whether it takes pictures: one of 32 x 32 points was rendered, or refused. */
  imageInput: Capability;
  audioInput: Capability;
  videoInput: Capability;
  /** Whether the chat template puts a request's tools into the prompt; undefined when it was not seen. */
  templateTools: Capability | undefined;
  /** Whether it puts the calls of earlier turns into the prompt. */
  templateCalls: Capability | undefined;
  /** How it writes the call `get_weather({"city": "Paris"})`. */
  templateCallExample: string | undefined;
  /** Everything that is known about the model, each value with its source: what `@vllm/client` takes as `profile`. */
  profile: ModelProfile;
}

/** What the whole server can do. */
export interface ServerCapabilities {
  /** Whether `/v1` requires a key. */
  apiKey: Capability;
  /** `/tokenize` and `/detokenize`: the template probe and token counts. */
  tokenize: Capability;
  /** `/v1/responses`. */
  responses: Capability;
  /** `/v1/messages` (Anthropic's protocol). */
  messages: Capability;
  /** `/v1/embeddings`. */
  embeddings: Capability;
  /** `/v1/rerank`. */
  rerank: Capability;
  /** `/v1/audio/transcriptions`. */
  transcription: Capability;
  /** `/v1/load_lora_adapter`. */
  loraLoading: Capability;
  /** `/invocations`, which answers whole chats, without a key although `/v1` wants one. */
  openWithoutKey: Capability;
  /** By `/metrics`. Off, every turn of a conversation is computed from its beginning. */
  prefixCaching: Capability;
  /** Whether web pages may use it (CORS). */
  browserAccess: Capability;
}

/** How the server took the key, and where else it can be found. */
export interface ServerAccess {
  /** Whether an `Authorization` header was sent: the key, the caller's own, or the user name and password of the address. */
  keySent: boolean;
  /** HTTP status of `/v1/models`; undefined when there was no answer. */
  modelsStatus: number | undefined;
  /** Where `/v1/models` redirects to, another origin: it was not followed. Without credentials and query. */
  redirectedTo: string | undefined;
  /** A base URL at which the model list was found instead. */
  foundAt: string | undefined;
  /** True when the address held a user name and password: they were sent as a header and are not in this report. */
  credentialsInUrl: boolean;
  /** True when the address had a query, which was left out of every question. */
  queryInUrl: boolean;
  /** True when the model list was longer than what is read of it. */
  listTooLong: boolean;
}

/** One question that was asked, for people who want to see the work. */
export interface AskedQuestion {
  method: "GET" | "POST";
  /** Without credentials and query. */
  path: string;
  /** HTTP status, or why there is none. */
  result: number | "refused" | "timeout" | "failed" | "redirect" | "aborted";
  ms: number;
}

/**
 * Why a template could not be probed.
 * - `not-asked`: nobody wanted it, or the server is not one that has the routes
 * - `no-route`: vLLM is there, and `/tokenize` does not get through to it
 * - `template-refuses`: not even a plain message can be rendered
 * - `no-time`: no answer before the time was over
 * - `no-answer`: none that can be trusted
 */
export type TemplateProbeCause = "not-asked" | "no-route" | "template-refuses" | "no-time" | "no-answer";

/** Everything that one probe at a server showed. Plain data. */
export interface ServerReport {
  /** Root of vLLM's own routes: `http://127.0.0.1:8000`. */
  serverRoot: string;
  /** Root of the OpenAI routes: `http://127.0.0.1:8000/v1`. This is the base URL for clients. */
  apiRoot: string;
  kind: ServerKind;
  /** The mark by which `kind` was known. */
  kindEvidence: string;
  state: ServerState;
  /** vLLM's version, as `/version` says it. Undefined behind production-stack, whose router says its own. */
  version: string | undefined;
  /** True when the server (or, behind a router, at least one of them) says it is healthy. */
  healthy: boolean;
  models: readonly DiscoveredModel[];
  /** When {@link models} were listed, ms since 1970, if that was not in this probe: a cache kept them. */
  modelsSeenAt?: number | undefined;
  /** Ids that were left out of {@link models}, and why. Ids are shown with their control characters escaped. */
  refusedIds: readonly { id: string; why: string }[];
  capabilities: ServerCapabilities;
  /** What happened to the key. */
  access: ServerAccess;
  /** Who is behind the router at this address; absent where nothing shows one. */
  fleet?: FleetFacts | undefined;
  /** From `/metrics`, of one server where there are several; undefined when they are not to be had. */
  capacity: ServerCapacity | undefined;
  /** Why the model list could not be had. */
  error: VllmError | undefined;
  /** What {@link diagnose} says about this report, most severe first. */
  findings: readonly Finding[];
  asked: readonly AskedQuestion[];
  /** What the template probe did: requests sent, and why it could not be made where it could not, with the (first) model that is concerned. */
  templateProbe: {
    requests: number;
    unavailable: string | undefined;
    cause?: TemplateProbeCause | undefined;
    model?: string | undefined;
    /** Models of which the probe saw only a part, because the time was over. Absent: of none. */
    incomplete?: readonly string[] | undefined;
  };
  /** Prompt and output tokens that the probe cost; 0 unless `probe` was `active`. */
  tokensSpent: number;
  /** What the probes themselves found, beside what the report shows. */
  probeFindings: readonly Finding[];
  /** When the probe began, ms since 1970. */
  checkedAt: number;
  durationMs: number;
}
