/** Every measured client, used as its own documentation shows. Peers are resolved from the folder they were installed into. */
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { floorClient } from "./floor.ts";
import type { RunStream } from "./request.ts";
import { feedChunk, MESSAGES, MODEL, PARAMETERS, withTools } from "./request.ts";
import { SOCKET_FLOOR, socketFloor } from "./socket-floor.ts";

export interface BenchClient {
  /** True when it hands the model's thought to nobody: then the thought is left out of the comparison with what was sent. */
  dropsThought?: true;
  /** Loads the client; the import is part of what is measured for the cold start. */
  create(server: string): Promise<RunStream>;
}

// The peers are not part of this workspace, so their types are not to be had here.
// oxlint-disable-next-line typescript/no-explicit-any
type Untyped = any;

async function importPeer(name: string): Promise<Untyped> {
  const folder = process.env["BENCH_PEERS"];
  if (folder === undefined) throw new Error("BENCH_PEERS is not set: run the benchmark through `pnpm bench`.");
  const entry = createRequire(path.join(folder, "package.json")).resolve(name, {
    conditions: new Set(["node", "import"]),
  } as never);
  return import(pathToFileURL(entry).href);
}

function once<Value>(make: (shape: string) => Value): (shape: string) => Value {
  const made = new Map<string, Value>();
  return (shape) => {
    const existing = made.get(shape);
    if (existing !== undefined) return existing;
    const value = make(shape);
    made.set(shape, value);
    return value;
  };
}

/** Through the events, as a program reads them. */
function ours(make: (shape: string) => Untyped): RunStream {
  const client = once(make);
  return async (sink, shape) => {
    for await (const event of client(shape).chat({ model: MODEL, messages: MESSAGES, ...withTools(shape) })) {
      if (event.type === "text_delta") sink.text(event.delta);
      else if (event.type === "thinking_delta") sink.thinking(event.delta);
      else if (event.type === "toolcall_delta") sink.toolArguments(event.delta);
      else if (event.type === "done") {
        sink.usage(event.usage);
        sink.finish(event.finishReason);
      }
    }
  };
}

/** Through the parts, as a program of the AI SDK reads them. */
async function aiSdk(make: (shape: string) => Untyped): Promise<RunStream> {
  const { streamText, tool, jsonSchema } = await importPeer("ai");
  const tools = { write_file: tool({ description: "Write a file", inputSchema: jsonSchema(PARAMETERS) }) };
  const model = once(make);
  return async (sink, shape) => {
    const { fullStream } = streamText({
      model: model(shape),
      messages: MESSAGES,
      onError() {},
      ...(shape.startsWith("s3") ? { tools } : {}),
    });
    for await (const part of fullStream) {
      if (part.type === "text-delta") sink.text(part.text);
      else if (part.type === "reasoning-delta") sink.thinking(part.text);
      else if (part.type === "tool-input-delta") sink.toolArguments(part.delta);
      else if (part.type === "error") throw part.error;
      else if (part.type === "finish-step") {
        sink.usage(part.usage);
        sink.finish(part.rawFinishReason ?? part.finishReason);
      }
    }
  };
}

export const CLIENTS: Record<string, BenchClient> = {
  "@vllm/client": {
    async create(server) {
      // The built package, as people install it.
      const entry = path.resolve(import.meta.dirname, "../../../packages/client/dist/index.js");
      const { createVllmClient } = (await import(pathToFileURL(entry).href)) as Untyped;
      return ours((shape) => createVllmClient({ apiKey: "x", baseUrl: `${server}/${shape}/v1` }));
    },
  },
  "@vllm/client over fetch": {
    async create(server) {
      const entry = path.resolve(import.meta.dirname, "../../../packages/client/dist/index.js");
      const { createVllmClient } = (await import(pathToFileURL(entry).href)) as Untyped;
      const { fetch } = globalThis;
      return ours((shape) => createVllmClient({ apiKey: "x", baseUrl: `${server}/${shape}/v1`, fetch }));
    },
  },
  openai: {
    async create(server) {
      const { default: OpenAI } = await importPeer("openai");
      const client = once((shape) => new OpenAI({ apiKey: "x", baseURL: `${server}/${shape}/v1` }));
      return async (sink, shape) => {
        const stream = await client(shape).chat.completions.create({
          model: MODEL,
          messages: MESSAGES,
          stream: true,
          stream_options: { include_usage: true },
          ...withTools(shape),
        });
        for await (const chunk of stream) feedChunk(sink, chunk);
      };
    },
  },
  "AI SDK": {
    async create(server) {
      const { createOpenAICompatible } = await importPeer("@ai-sdk/openai-compatible");
      return aiSdk((shape) =>
        createOpenAICompatible({ name: "vllm", apiKey: "x", baseURL: `${server}/${shape}/v1`, includeUsage: true })(
          MODEL,
        ),
      );
    },
  },
  "AI SDK over @vllm/ai-sdk-provider": {
    async create(server) {
      const entry = path.resolve(import.meta.dirname, "../../../packages/ai-sdk-provider/dist/index.js");
      const { createVllm } = (await import(pathToFileURL(entry).href)) as Untyped;
      return aiSdk((shape) => createVllm({ apiKey: "x", baseUrl: `${server}/${shape}/v1` })(MODEL));
    },
  },
  "pi-ai": {
    async create(server) {
      const { stream } = await importPeer("@mariozechner/pi-ai");
      const model = once((shape) => ({
        id: MODEL,
        name: MODEL,
        api: "openai-completions",
        provider: "vllm",
        baseUrl: `${server}/${shape}/v1`,
        reasoning: true,
        input: ["text"],
        cost: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
        contextWindow: 32_768,
        maxTokens: 4096,
        compat: { supportsStore: false, supportsDeveloperRole: false, maxTokensField: "max_tokens" },
      }));
      const tools = [{ name: "write_file", description: "Write a file", parameters: PARAMETERS }];
      return async (sink, shape) => {
        const context = {
          messages: [{ ...MESSAGES[0], timestamp: Date.now() }],
          ...(shape.startsWith("s3") ? { tools } : {}),
        };
        for await (const event of stream(model(shape), context, { apiKey: "x" })) {
          if (event.type === "text_delta") sink.text(event.delta);
          else if (event.type === "thinking_delta") sink.thinking(event.delta);
          else if (event.type === "toolcall_delta") sink.toolArguments(event.delta);
          else if (event.type === "error") throw new Error(event.error.errorMessage);
          else if (event.type === "done") {
            sink.usage(event.message.usage);
            sink.finish(event.reason);
          }
        }
      };
    },
  },
  LangChain: {
    dropsThought: true,
    async create(server) {
      const { ChatOpenAI } = await importPeer("@langchain/openai");
      const model = once((shape) => {
        const chat = new ChatOpenAI({ model: MODEL, apiKey: "x", configuration: { baseURL: `${server}/${shape}/v1` } });
        const { tools } = withTools(shape);
        return tools === undefined ? chat : chat.bindTools(tools);
      });
      return async (sink, shape) => {
        for await (const chunk of await model(shape).stream(MESSAGES)) {
          if (chunk.content) sink.text(chunk.content);
          for (const call of chunk.tool_call_chunks ?? []) if (call.args) sink.toolArguments(call.args);
          if (chunk.response_metadata?.finish_reason) sink.finish(chunk.response_metadata.finish_reason);
          if (chunk.usage_metadata) sink.usage(chunk.usage_metadata);
        }
      };
    },
  },
  [SOCKET_FLOOR]: {
    async create(server) {
      return socketFloor(server);
    },
  },
  "floor: undici.request + JSON.parse": {
    async create(server) {
      const { request } = await importPeer("undici");
      return floorClient(async (url, init, onData) => {
        const { body } = await request(url, { method: "POST", headers: init.headers, body: init.body });
        await new Promise((resolve, reject) => body.on("data", onData).on("end", resolve).on("error", reject));
      }, server);
    },
  },
  "floor: fetch + JSON.parse": {
    async create(server) {
      return floorClient(async (url, init, onData) => {
        const { body } = await fetch(url, { method: "POST", headers: init.headers, body: init.body });
        const reader = body?.getReader();
        for (let read = await reader?.read(); read?.value !== undefined; read = await reader?.read()) {
          onData(Buffer.from(read.value.buffer, read.value.byteOffset, read.value.length));
        }
      }, server);
    },
  },
  "floor: node:http + JSON.parse": {
    async create(server) {
      const { Agent, request } = await import("node:http");
      const agent = new Agent({ keepAlive: true });
      return floorClient(
        (url, init, onData) =>
          new Promise((resolve, reject) => {
            const outgoing = request(
              url,
              { method: "POST", agent, headers: { ...init.headers, "content-length": Buffer.byteLength(init.body) } },
              (incoming) => {
                incoming.on("data", onData).on("end", resolve).on("error", reject);
              },
            );
            outgoing.on("error", reject).end(init.body);
          }),
        server,
      );
    },
  },
};
