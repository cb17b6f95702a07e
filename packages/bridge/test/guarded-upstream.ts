import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { onTestFinished } from "vitest";
import type { BridgeLogEntry, BridgeOptions } from "../src/index.ts";
import { startBridge } from "./bridge-harness.ts";

export type Body = Record<string, unknown>;
/** What the server does with a request: a recorded stream, an error, or what the test wants. */
export type Reply = string | { status: number; body: object } | ((response: ServerResponse) => unknown);

export function recordedStream(name: string): string {
  return readFileSync(new URL(`recorded/${name}`, import.meta.url), "utf8");
}

export interface GuardedSetUp {
  baseUrl: string;
  /** Root of the vLLM behind the bridge. */
  upstream: string;
  log: BridgeLogEntry[];
  /** Bodies of the requests to the route, in order. */
  bodies: Body[];
  /** Their headers. */
  headers: IncomingHttpHeaders[];
  ask(path: string, body: Body, headers?: Record<string, string>): Promise<Response>;
}

export const WINDOW = 1000;

/** A bridge before a vLLM that gives these answers to `/v1/messages` and `/v1/responses`, the last one again and again. */
export async function setUpGuarded(
  replies: readonly Reply[],
  options: BridgeOptions = {},
  { refusesSystem = false } = {},
): Promise<GuardedSetUp> {
  const bodies: Body[] = [];
  const headers: IncomingHttpHeaders[] = [];
  const server = createServer(async (request, response) => {
    const send = (status: number, body: object) =>
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    const { url = "", method } = request;
    if (url === "/v1/models") {
      return send(200, { data: [{ id: "org/m", root: "r", owned_by: "vllm", max_model_len: WINDOW }] });
    }
    if (url === "/version") return send(200, { version: "0.32.0" });
    if (method !== "POST") return send(404, { detail: "Not Found" });
    const body = (await json(request)) as Body;
    if (url === "/tokenize") return tokenize(body, refusesSystem, send);
    if (url === "/detokenize") return send(200, { prompt: String.fromCodePoint(...(body["tokens"] as number[])) });
    if (!/^\/v1\/(?:messages|responses)(?:\?|$)/.test(url)) return send(404, { detail: "Not Found" });
    const reply = replies[Math.min(bodies.length, replies.length - 1)]!;
    bodies.push(body);
    headers.push(request.headers);
    if (typeof reply === "function") return reply(response);
    if (typeof reply === "object") return send(reply.status, reply.body);
    const type = reply.startsWith("{") ? "application/json" : "text/event-stream; charset=utf-8";
    return response.writeHead(200, { "content-type": type }).end(reply);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const log: BridgeLogEntry[] = [];
  const upstream = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const bridge = await startBridge({ upstream, apiKey: "", log: (entry) => void log.push(entry), ...options });
  const baseUrl = bridge.baseUrl!.replace(/\/v1$/, "");
  const ask = (path: string, body: Body, added: Record<string, string> = {}) =>
    fetch(baseUrl + path, {
      method: "POST",
      headers: { "content-type": "application/json", ...added },
      body: JSON.stringify(body),
    });
  return { baseUrl, upstream, log, bodies, headers, ask };
}

/** A token a letter. */
function tokenize(
  { messages }: Body,
  refusesSystem: boolean,
  send: (status: number, body: object) => unknown,
): unknown {
  const turns = messages as { role: string; content: unknown }[];
  if (refusesSystem && turns.some(({ role }) => role === "system" || role === "developer"))
    return send(400, {
      error: { message: "System role not supported", type: "BadRequestError", param: null, code: 400 },
    });
  if (turns.findLastIndex(({ role }) => role === "system") > 0)
    return send(400, {
      error: { message: "System message must be at the beginning.", type: "BadRequestError", param: null, code: 400 },
    });
  const tokens = Array.from(turns.map(({ content }) => String(content)).join(" "), (letter) => letter.codePointAt(0));
  return send(200, { count: tokens.length, max_model_len: WINDOW, tokens });
}

/** The objects of a stream, and its comments. */
export function eventsOf(text: string): Body[] {
  return text
    .split("\n\n")
    .map((frame) => frame.split("\n").find((line) => line.startsWith("data: ")))
    .filter((line) => line !== undefined)
    .map((line) => JSON.parse(line.slice("data: ".length)) as Body);
}
