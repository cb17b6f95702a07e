import { createServer, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { listen } from "./listen.ts";

/** What the model says, token by token. */
export interface WholeAnswer {
  thinking: readonly string[];
  text: readonly string[];
  call?: { name: string; arguments: readonly string[] } | undefined;
}

/** How a server goes away, after so many chunks of the answer. */
export interface Death {
  after: number;
  way: "lost" | "end" | "done" | "engine" | "abort" | "litellm";
}

export interface MortalServer {
  baseUrl: string;
  /** Bodies of the chats, in order. */
  bodies: Record<string, unknown>[];
  /** How often the tokenizer was asked. */
  counts: number;
  close: () => void;
}

interface MortalOptions {
  /** Of each chat in turn; those behind the last one are answered whole. */
  deaths: readonly Death[];
  /** What the tokenizer answers; default: the truth. */
  tokenizer?: { status: number; body: object } | undefined;
  /** Chats after the first one are answered so. */
  refusal?: { status: number; body: object } | undefined;
}

const PROMPT_TOKENS = 10;

interface Message {
  role: string;
  content: string;
  reasoning?: string;
}

/** A vLLM that dies, and has a successor at the same address which goes on with what it is given. Closed after the test. */
export async function serveMortal(answer: WholeAnswer, options: MortalOptions): Promise<MortalServer> {
  const server = createServer(async (request, response) => {
    const body = JSON.parse(await text(request)) as Record<string, unknown>;
    const given = typeof body["prompt"] === "string" ? toCount(answer, body["prompt"]) : toGiven(answer, body);
    if (request.url === "/tokenize") {
      mortal.counts += 1;
      const { status, body: counted } = options.tokenizer ?? {
        status: 200,
        body: { count: given + ("prompt" in body ? 0 : PROMPT_TOKENS), tokens: [] },
      };
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(counted));
      return;
    }
    mortal.bodies.push(body);
    const turn = mortal.bodies.length - 1;
    if (turn > 0 && options.refusal !== undefined) {
      const { status, body: refused } = options.refusal;
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(refused));
      return;
    }
    say(response, answer, { given, limit: Number(body["max_tokens"] ?? Infinity), death: options.deaths[turn] });
  });
  const { baseUrl, close } = await listen(server);
  const mortal: MortalServer = { baseUrl, bodies: [], counts: 0, close };
  return mortal;
}

/** Tokens of a piece of the answer. */
function toCount({ thinking, text: said }: WholeAnswer, piece: string): number {
  for (const tokens of [said, thinking]) {
    for (let from = 0; from < tokens.length; from += 1) {
      for (let to = from + 1; to <= tokens.length; to += 1)
        if (tokens.slice(from, to).join("") === piece) return to - from;
    }
  }
  throw new Error(`${JSON.stringify(piece)} is no piece of the answer.`);
}

/** Tokens of the answer that the request has already. */
function toGiven({ thinking, text: said }: WholeAnswer, body: Record<string, unknown>): number {
  if (body["continue_final_message"] !== true) return 0;
  const { content } = (body["messages"] as Message[]).at(-1) as Message;
  for (let count = 0, seen = ""; ; count += 1) {
    if (seen === content) return thinking.length + count;
    if (count === said.length) throw new Error(`The answer does not begin with ${JSON.stringify(content)}.`);
    seen += said[count];
  }
}

interface Part {
  given: number;
  limit: number;
  death: Death | undefined;
}

function say(response: ServerResponse, answer: WholeAnswer, { given, limit, death }: Part): void {
  const deltas = toDeltas(answer).slice(given);
  const lasting = deltas.slice(0, Math.min(limit, death?.after ?? Infinity));
  response.writeHead(200, { "content-type": "text/event-stream" });
  const events = [toChunk({ role: "assistant", content: "" }), ...lasting.map((delta) => toChunk(delta))];
  const dies = death !== undefined && death.after <= Math.min(limit, deltas.length);
  if (!dies) {
    const isCut = limit < deltas.length;
    const usage = {
      prompt_tokens: PROMPT_TOKENS + given,
      completion_tokens: lasting.length,
      total_tokens: PROMPT_TOKENS + given + lasting.length,
    };
    events.push(toChunk({}, isCut ? "length" : answer.call === undefined ? "stop" : "tool_calls"));
    events.push(JSON.stringify({ id: "chatcmpl-1", model: "m", choices: [], usage }));
    response.end(`${toText(events)}data: [DONE]\n\n`);
    return;
  }
  const { last, isWhole } = ENDS[death.way];
  if (last !== undefined) events.push(last);
  if (isWhole)
    response.end(`${toText(events)}${death.way === "done" || death.way === "engine" ? "data: [DONE]\n\n" : ""}`);
  else response.write(toText(events), () => setImmediate(() => response.destroy()));
}

const ENGINE_DEATH = {
  message: "EngineCore encountered an issue. See stack trace (above) for the root cause.",
  type: "InternalServerError",
  param: null,
  code: 500,
};
const LITELLM_LOSS = {
  message: "litellm.APIConnectionError: APIConnectionError: Hosted_vllmException - Response payload is not completed",
  type: null,
  param: null,
  code: "500",
};

const ENDS: Readonly<Record<Death["way"], { last?: string; isWhole: boolean }>> = {
  lost: { isWhole: false },
  end: { isWhole: true },
  done: { isWhole: true },
  engine: { last: JSON.stringify({ error: ENGINE_DEATH }), isWhole: true },
  abort: { last: toChunk({}, "abort"), isWhole: true },
  litellm: { last: JSON.stringify({ error: LITELLM_LOSS }), isWhole: true },
};

function toDeltas({ thinking, text: said, call }: WholeAnswer): object[] {
  const calls = call === undefined ? [] : toCallDeltas(call);
  return [...thinking.map((reasoning) => ({ reasoning })), ...said.map((content) => ({ content })), ...calls];
}

function toCallDeltas(call: NonNullable<WholeAnswer["call"]>): object[] {
  const start = { index: 0, id: "call-1", type: "function", function: { name: call.name, arguments: "" } };
  const rest = call.arguments.map((piece) => ({ index: 0, function: { arguments: piece } }));
  return [start, ...rest].map((each) => ({ tool_calls: [each] }));
}

function toChunk(delta: object, finish: string | null = null): string {
  return JSON.stringify({ id: "chatcmpl-1", model: "m", choices: [{ index: 0, delta, finish_reason: finish }] });
}

function toText(events: readonly string[]): string {
  return events.map((event) => `data: ${event}\n\n`).join("");
}
