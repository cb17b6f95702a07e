/**
 * One turn of CoderClaw's engine (`pi-ai` under `pi-agent-core`) with the model entry that CoderClaw makes and tools that really run, in the
 * current folder. Reads an {@link EngineJob} from standard input, writes an {@link EngineTurn} to standard output.
 */
import { execSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { text as readText } from "node:stream/consumers";
import { pathToFileURL } from "node:url";

export interface EngineJob {
  engineFolder: string;
  baseUrl: string;
  /** A turn before this one: what does not fit is then the conversation, and not the agent's own prompt. */
  first?: string;
  message: string;
  apiKey?: string;
  /** Fields of the model entry that differ from the one CoderClaw makes. */
  model?: Record<string, unknown>;
  thinking?: "off" | "low";
  /** Sends a picture of one pixel with the message. */
  withPicture?: boolean;
  /** The user stops it when that much of the answer is there, in characters. */
  abortAfter?: number;
  /** The engine is given up after this time. */
  limitMs?: number;
}

export interface EngineAnswer {
  stopReason: string;
  errorMessage?: string;
  isOverflow: boolean;
  usage: { input: number; output: number; cacheRead: number; totalTokens: number };
  content: { type: string; text?: string; thinking?: string; name?: string; arguments?: unknown; id?: string }[];
}

export interface EngineTurn {
  answers: EngineAnswer[];
  /** The tools that ran. */
  ran: string[];
  /** Files of the folder afterwards. */
  files: string[];
  /** Text as it was streamed. */
  shown: string;
  thought: string;
  firstTokenMs?: number;
  /** From the last piece of the answer to the end. */
  silentMs: number;
  durationMs: number;
  gaveUp: boolean;
}

interface AgentEvent {
  type: string;
  message?: EngineAnswer & { role: string };
  assistantMessageEvent?: { type: string; delta?: string };
}

interface Agent {
  subscribe(listener: (event: AgentEvent) => void): void;
  prompt(text: string, images?: object[]): Promise<void>;
  abort(): void;
}

interface Schemas {
  Object(fields: object): object;
  String(): object;
  Optional(schema: object): object;
}

interface PiAi {
  streamSimple: unknown;
  isContextOverflow(message: object, window: number): boolean;
  Type: Schemas;
}

const PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";

const job = JSON.parse(await readText(process.stdin)) as EngineJob;
const load = async <Module>(name: string): Promise<Module> => {
  const path = join(job.engineFolder, "node_modules/@mariozechner", name, "dist/index.js");
  return (await import(pathToFileURL(path).href)) as Module;
};
const { streamSimple, isContextOverflow, Type } = await load<PiAi>("pi-ai");
const { Agent } = await load<{ Agent: new (options: object) => Agent }>("pi-agent-core");

const model = {
  id: "lab/tiny",
  name: "lab/tiny",
  provider: "vllm",
  api: "openai-completions",
  baseUrl: job.baseUrl,
  reasoning: false,
  input: ["text"],
  cost: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
  contextWindow: 128_000,
  maxTokens: 8192,
  ...job.model,
};

const turn: EngineTurn = {
  answers: [],
  ran: [],
  files: [],
  shown: "",
  thought: "",
  silentMs: 0,
  durationMs: 0,
  gaveUp: false,
};
const start = performance.now();
let lastAt = start;

function tool(name: string, parameters: object, run: (parameters: Record<string, string>) => string): object {
  return {
    name,
    label: name,
    description: name,
    parameters,
    execute(_id: string, given: Record<string, string>) {
      turn.ran.push(`${name} ${JSON.stringify(given)}`);
      return Promise.resolve({ content: [{ type: "text", text: run(given) }], details: {} });
    },
  };
}

const shell = (command: string): string => execSync(command).toString();
const tools = [
  tool("exec", Type.Object({ command: Type.String() }), ({ command = "" }) => shell(command)),
  tool("read", Type.Object({ path: Type.String() }), ({ path = "" }) => readFileSync(path, "utf8")),
  tool(
    "get_weather",
    Type.Object({ city: Type.String(), unit: Type.Optional(Type.String()) }),
    // Half a city is half a command.
    ({ city = "" }) => shell(`touch weather-ran.txt && echo 'sunny in ${city.replaceAll("'", "")}'`),
  ),
  tool("now", Type.Object({}), () => shell("touch now-ran.txt && date")),
];

const agent = new Agent({
  initialState: {
    systemPrompt: "You are a coding agent.",
    model,
    tools,
    thinkingLevel: job.thinking ?? "off",
  },
  streamFn: streamSimple,
  getApiKey: () => job.apiKey ?? "any",
});

agent.subscribe(({ type, message, assistantMessageEvent }) => {
  const { delta = "" } = assistantMessageEvent ?? {};
  if (type === "message_update" && delta !== "") {
    lastAt = performance.now();
    turn.firstTokenMs ??= Math.round(lastAt - start);
    if (assistantMessageEvent?.type === "text_delta") turn.shown += delta;
    if (assistantMessageEvent?.type === "thinking_delta") turn.thought += delta;
    if (job.abortAfter !== undefined && turn.shown.length >= job.abortAfter) agent.abort();
  }
  if (type === "message_end" && message?.role === "assistant") {
    const { stopReason, errorMessage, usage, content } = message;
    turn.answers.push({
      stopReason,
      ...(errorMessage === undefined ? {} : { errorMessage }),
      isOverflow: isContextOverflow(message, model.contextWindow),
      usage,
      content,
    });
  }
});

function finish(): void {
  const now = performance.now();
  turn.silentMs = Math.round(now - lastAt);
  turn.durationMs = Math.round(now - start);
  turn.files = readdirSync(".").toSorted();
  process.stdout.write(JSON.stringify(turn), () => process.exit(0));
}

setTimeout(() => {
  turn.gaveUp = true;
  finish();
}, job.limitMs ?? 60_000).unref();
const picture = job.withPicture === true ? [{ type: "image", mimeType: "image/png", data: PIXEL }] : undefined;
if (job.first !== undefined) await agent.prompt(job.first);
await agent.prompt(job.message, picture).catch((error: unknown) => {
  process.stderr.write(String(error));
});
if (!turn.gaveUp) finish();
