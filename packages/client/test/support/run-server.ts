import { createVllmClient, type FetchFunction, type VllmClient, type VllmClientOptions } from "@vllm/client";

export interface Turn {
  text?: string;
  reasoning?: string;
  /** Name and arguments' text of each call. */
  calls?: readonly (readonly [name: string, args: string])[];
  finish?: string;
  usage?: object | null;
  /** The stream stays open after this turn's events until the request is aborted. */
  hangs?: boolean;
  /** An answer with another status instead. */
  refusal?: { status: number; message: string };
}

export interface SentBody {
  messages: {
    role: string;
    content: unknown;
    reasoning?: string;
    tool_call_id?: string;
    tool_calls?: { id: string; function: { name: string; arguments: string } }[];
  }[];
  tool_choice?: unknown;
  [field: string]: unknown;
}

export interface RunServer {
  client: VllmClient;
  /** Bodies of the chat requests, in order. */
  bodies: SentBody[];
  headers: Record<string, string>[];
  /** Paths of all requests, in order. */
  paths: string[];
  /** How many requests were aborted while they were answered. */
  aborted: number;
}

export interface RunServerOptions {
  turns: readonly (Turn | ((body: SentBody) => Turn))[];
  /** `max_model_len`; without it there is no list of models. */
  window?: number;
  /** Answers `/tokenize`; without it the route is missing. */
  count?: (body: SentBody) => number;
  client?: VllmClientOptions;
}

/** A client whose server answers each chat with the next turn, the last one from then on. */
export function createRunServer({ turns, window, count, client }: RunServerOptions): RunServer {
  const server: Omit<RunServer, "client"> = { bodies: [], headers: [], paths: [], aborted: 0 };
  const fetch: FetchFunction = async (url, init) => {
    const { pathname } = new URL(url);
    server.paths.push(pathname);
    if (pathname === "/v1/models") {
      return window === undefined
        ? new Response("{}", { status: 404 })
        : Response.json({ data: [{ id: "m", max_model_len: window }] });
    }
    const body = JSON.parse(init.body ?? "") as SentBody;
    if (pathname === "/tokenize") {
      return count === undefined
        ? new Response("{}", { status: 404 })
        : Response.json({ count: count(body), tokens: [], max_model_len: window });
    }
    server.bodies.push(body);
    server.headers.push(init.headers);
    const next = turns[Math.min(server.bodies.length, turns.length) - 1];
    const turn = typeof next === "function" ? next(body) : next!;
    if (turn.refusal !== undefined) {
      return Response.json({ error: { message: turn.refusal.message } }, { status: turn.refusal.status });
    }
    return new Response(
      toStream(turn, server.bodies.length, init.signal, () => (server.aborted += 1)),
      {
        headers: { "content-type": "text/event-stream" },
      },
    );
  };
  return Object.assign(server, { client: createVllmClient({ model: "m", fetch, ...client }) });
}

const USAGE = { prompt_tokens: 100, completion_tokens: 20, total_tokens: 120 };

function toStream(turn: Turn, number: number, signal: AbortSignal, onAbort: () => void): ReadableStream<Uint8Array> {
  const { text, reasoning, calls = [], finish = calls.length > 0 ? "tool_calls" : "stop", usage = USAGE } = turn;
  const deltas: object[] = [
    ...(reasoning === undefined ? [] : [{ reasoning }]),
    ...(text === undefined ? [] : [{ content: text }]),
    ...calls.map(([name, args], index) => ({
      tool_calls: [{ index, id: `call-${number}-${index}`, type: "function", function: { name, arguments: args } }],
    })),
  ];
  const events: object[] = deltas.map((delta) => ({ choices: [{ index: 0, delta, finish_reason: null }] }));
  if (turn.hangs !== true) {
    events.push({ choices: [{ index: 0, delta: {}, finish_reason: finish }] });
    if (usage !== null) events.push({ choices: [], usage });
  }
  const lines = events.map(
    (event) => `data: ${JSON.stringify({ id: `chatcmpl-${number}`, model: "m", ...event })}\n\n`,
  );
  const bytes = new TextEncoder().encode([...lines, ...(turn.hangs === true ? [] : ["data: [DONE]\n\n"])].join(""));
  return new ReadableStream({
    start(controller) {
      controller.enqueue(bytes);
      if (turn.hangs !== true) controller.close();
      else {
        signal.addEventListener("abort", () => {
          onAbort();
          controller.error(signal.reason);
        });
      }
    },
  });
}
