import type { OverflowShapes } from "@vllm/bridge";
import type { ServerReport } from "@vllm/discovery";
import type { Environment } from "./environment.ts";

/** A server and one of its models, as an agent must know them. */
export interface AgentFacts {
  /** Root of the OpenAI routes, such as `http://127.0.0.1:8000/v1`: vLLM's own, or a bridge's. */
  baseUrl: string;
  /** The same without `/v1`. */
  serverRoot: string;
  /** Whether the server requires a key. */
  needsKey: boolean;
  /** As it is sent in `model`; may contain slashes. */
  modelId: string;
  /** Prompt plus output in tokens; undefined when the server does not report it. A smaller budget of the user's own counts. */
  window: number | undefined;
  /** Tokens that the agent may ask for in one answer. */
  maxOutput: number;
  /** Whether the model reasons before it answers. */
  reasons: boolean;
  /** Whether reasoning is switched by `enable_thinking` of the chat template. */
  hasThinkingSwitch: boolean;
  takesImages: boolean;
}

/** What a run has beside the facts. */
export interface LaunchPlace {
  /** For the server, if it requires one. Goes into `env` or `files`, never into `words`. */
  key: string | undefined;
  /** What the user wrote behind `--`. */
  words: readonly string[];
  /** Folder of this run, readable by this user only, removed at the end. */
  folder: string;
  /** The user's environment, and home directory. */
  env: Environment;
  home: string;
  report: ServerReport;
}

/** How an agent is started so that it uses the server, without a change to any file of the user's. */
interface LaunchPlan {
  words: readonly string[];
  /** Undefined: not handed on, such as a vendor's key. */
  env: Readonly<Record<string, string | undefined>>;
  /** Written into {@link LaunchPlace.folder} before the start. */
  files?: Readonly<Record<string, string>>;
}

/** What a person copies to set an agent up permanently. */
export interface Snippet {
  /** Where it goes; `shell`: it is typed, or put into the shell's profile. */
  goesTo: string;
  text: string;
  /** What is typed then. */
  run: string;
  /** What is to be known, a sentence each. */
  notes?: readonly string[];
}

/** The agent's own prompt: system text and tools, with one short question, as the agent sent it. Written by `test:agents`. */
export interface OwnPrompt {
  tokens: number;
  agentVersion: string;
  /** By which they were counted; a server's own tokenizer differs by some percent. */
  tokenizer: string;
}

/** What the user has limited in the agent's own configuration, in tokens. */
export interface Budget {
  window?: number | undefined;
  maxOutput?: number | undefined;
}

/** Everything that is known about one coding agent: data, and small functions without side effects. */
export interface Agent {
  /** As it is typed: `launch claude`. */
  id: string;
  label: string;
  /** The program on the PATH. */
  program: string;
  /** On npm. */
  packageName: string;
  /** The protocol by which it asks: Chat Completions, Anthropic's Messages, or OpenAI's Responses. */
  protocol: "chat" | "messages" | "responses";
  ownPrompt: OwnPrompt;
  /** How it is told that a conversation, or its own prompt, does not fit: `launch` hands this to the bridge. */
  overflow: OverflowShapes;
  /** The smallest window with which the agent itself agrees to work, whatever its prompt. */
  refusesBelow?: number;
  plan(facts: AgentFacts, place: LaunchPlace): LaunchPlan | Promise<LaunchPlan>;
  snippet(facts: AgentFacts): Snippet;
  /** The user's own limits: a smaller one is kept. Reads the environment and, if need be, the agent's configuration. */
  budget?(place: { env: Environment; home: string }): Promise<Budget>;
}
