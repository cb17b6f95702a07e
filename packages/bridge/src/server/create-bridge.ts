import { Server } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { VllmError } from "@vllm/schema/core";
import { VERSION } from "@vllm/schema/internal";
import type { BridgeKey, BridgeOptions } from "../options/bridge-options.ts";
import type { BridgeStatus } from "../status/bridge-status.ts";
import { STATUS_PATH } from "../status/bridge-status.ts";
import { answerCrossOrigin, isAllowedOrigin } from "./cross-origin.ts";
import { answerGuarded } from "../chat/guard/answer-guarded.ts";
import { isClaudeCode } from "../chat/guard/is-claude-code.ts";
import { findProtocol } from "../chat/guard/protocols.ts";
import { toPassedAffinity } from "../chat/passed-affinity.ts";
import { answerChat } from "../chat/answer-chat.ts";
import type { ErrorReply } from "../chat/error-reply.ts";
import { toErrorReply } from "../chat/error-reply.ts";
import { parseBody } from "../chat/parse-body.ts";
import { checkAccess } from "./access.ts";
import { toForwardedHeaders } from "./forwarded-headers.ts";
import { toListenArguments } from "./listen-arguments.ts";
import type { BridgeLogEntry } from "../options/log-entry.ts";
import { writeLog } from "../options/write-log.ts";
import type { ModelProfiles } from "../upstream/model-profiles.ts";
import { createModelProfiles } from "../upstream/model-profiles.ts";
import { answerModel, listModels } from "./models-route.ts";
import { readOwnKeys } from "./own-keys.ts";
import { passThrough, toReadableRequest } from "./pass-through.ts";
import type { ReadBody } from "./read-body.ts";
import { createBodyReader } from "./read-body.ts";
import { createLoopGuard } from "./request-loop.ts";
import { withKeyFields } from "./with-key-fields.ts";
import { createResponseTarget, sendJson } from "./response-target.ts";
import type { UpstreamServer } from "../upstream/upstream-server.ts";
import { createUpstreamServer } from "../upstream/upstream-server.ts";

/**
 * A node server. `listen` without a host listens on 127.0.0.1, and throws `CONFIG_INVALID` for an address that is not loopback when there
 * is no key. `close` lets running answers finish, for `stopMs` at most.
 */
export interface Bridge extends Server {
  /** Base URL for clients, such as `http://127.0.0.1:8010/v1`; undefined until it listens. */
  readonly baseUrl: string | undefined;
  /** Root of vLLM's OpenAI routes, such as `http://127.0.0.1:8000/v1`. */
  readonly upstreamUrl: string;
}

/**
 * Creates a loopback server between a client that speaks OpenAI and vLLM: whole tool calls only, requests fitted to the model, errors that
 * say what to do. Nothing is sent before it listens.
 *
 * @throws {VllmError} `CONFIG_INVALID` when an option cannot be used, and when the bridge holds vLLM's key but has neither `key`, `keys` nor `open`
 */
export function createBridge(options: BridgeOptions = {}): Bridge {
  return new BridgeServer(options);
}

const MAX_BODY_BYTES = 64 * 1024 * 1024;
const MAX_CONCURRENT = 256;
const STOP_MS = 10_000;
const MAX_HEADER_BYTES = 32 * 1024;
const HEAD_MS = 15_000;
const RECEIVE_MS = 120_000;
/** How often Node looks for requests that have taken too long. */
const CHECKING_MS = 5000;
/** Closing while the client still sends would take the answer away from it. */
const LINGER_MS = 500;

class BridgeServer extends Server implements Bridge {
  readonly #options: BridgeOptions;
  readonly #keys: readonly BridgeKey[];
  readonly #upstream: UpstreamServer;
  readonly #profiles: ModelProfiles;
  readonly #guard = createLoopGuard();
  readonly #maxConcurrent: number;
  readonly #readBody: ReadBody;
  /** Requests that are being answered. One whose body is still coming is none of them. */
  readonly #running = new Set<AbortController>();

  constructor(options: BridgeOptions) {
    const { maxConcurrent = MAX_CONCURRENT, maxBodyBytes = MAX_BODY_BYTES, receiveMs = RECEIVE_MS } = options;
    super({
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: HEAD_MS,
      // Bodies have a limit of their own, with an answer that says so; this one ends what the bridge no longer reads.
      requestTimeout: HEAD_MS + 2 * receiveMs,
      connectionsCheckingInterval: CHECKING_MS,
    });
    this.#upstream = createUpstreamServer(options, process.env);
    this.#options = options;
    this.#keys = readOwnKeys(options, this.#upstream.held);
    this.#maxConcurrent = maxConcurrent;
    this.#readBody = createBodyReader({ maxBytes: maxBodyBytes, receiveMs, maxReceiving: maxConcurrent });
    this.#profiles = createModelProfiles(this.#upstream, options);
    this.on("request", (request, response) => void this.#handle(request, response));
    // The first probe is on its way before the first request.
    this.on("listening", () => void this.#profiles.find(undefined, this.#upstream.authorizationFor({})));
  }

  get baseUrl(): string | undefined {
    const address = this.address() as AddressInfo | string | null;
    if (address === null || typeof address === "string") return undefined;
    const host = address.family === "IPv6" ? `[${address.address}]` : address.address;
    return `http://${host}:${address.port}/v1`;
  }

  get upstreamUrl(): string {
    return this.#upstream.apiRoot;
  }

  override listen(...given: unknown[]): this {
    return super.listen(...(toListenArguments(given, this.#keys.length > 0) as []));
  }

  override close(callback?: (error?: Error) => void): this {
    super.close(callback);
    const timer = setTimeout(() => {
      for (const running of this.#running) running.abort(STOPPING);
      setTimeout(() => this.closeAllConnections(), 500).unref();
    }, this.#options.stopMs ?? STOP_MS);
    this.once("close", () => clearTimeout(timer));
    return this;
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const start = performance.now();
    const entry: BridgeLogEntry = {
      at: Date.now(),
      method: request.method ?? "GET",
      path: (request.url ?? "/").replace(/\?.*$/s, ""),
      status: 0,
      durationMs: 0,
      changes: [],
      ending: "ok",
    };
    const controller = new AbortController();
    const isOver = new Promise<void>((resolve) => response.once("close", resolve));
    response.once("close", () => {
      if (!response.writableFinished) {
        if (entry.ending === "ok") entry.ending = "client left";
        controller.abort();
      }
      // A connection that is kept would keep a closing server open.
      if (!this.listening) setImmediate(() => this.closeIdleConnections());
    });
    try {
      // A preflight request carries no key.
      const isPreflight = isAllowedOrigin(request, this.#options.allowOrigins) && answerCrossOrigin(request, response);
      if (!isPreflight) {
        const { allowOrigins, dryRun } = this.#options;
        const key = checkAccess(request, response, { keys: this.#keys, allowOrigins });
        this.#guard.enter(request);
        this.#refuseWhenFull(entry);
        const given = await this.#readBody(request);
        this.#refuseWhenFull(entry);
        this.#running.add(controller);
        const { bytes, changes } = withKeyFields({ method: entry.method, path: entry.path, bytes: given }, key ?? {});
        entry.changes.push(...changes);
        await this.#route(request, response, dryRun === true ? given : bytes, controller.signal, entry);
      }
    } catch (error) {
      if (entry.ending === "ok" && response.destroyed) entry.ending = "client left";
      if (entry.ending === "ok") entry.ending = VllmError.isInstance(error) ? error.code : "SERVER_ERROR";
      const reply = toErrorReply(error);
      if (request.complete) sendJson(response, reply.status, reply.headers, reply.body);
      else sendWhileReceiving(request, response, reply);
    }
    await isOver;
    this.#running.delete(controller);
    entry.status = response.headersSent ? response.statusCode : 0;
    entry.durationMs = performance.now() - start;
    writeLog(this.#options.log, entry);
  }

  #refuseWhenFull({ path }: BridgeLogEntry): void {
    // What probes the bridge must not take a busy one for one that is not there.
    if (path !== STATUS_PATH && this.#running.size >= this.#maxConcurrent) throw full();
  }

  async #status(authorization: string | undefined): Promise<BridgeStatus> {
    const { state } = await this.#profiles.probeAgain(authorization);
    return { bridge: VERSION, upstream: this.upstreamUrl, upstreamState: state, running: this.#running.size - 1 };
  }

  async #route(
    request: IncomingMessage,
    response: ServerResponse,
    bytes: Buffer<ArrayBuffer>,
    signal: AbortSignal,
    entry: BridgeLogEntry,
  ): Promise<void> {
    const options = this.#options;
    const upstream = this.#upstream;
    const profiles = this.#profiles;
    const { method } = request;
    const requestHeader = (name: string) => request.headers[name]?.toString();
    if (method === "POST" && entry.path === "/v1/chat/completions") {
      await answerChat({
        options,
        upstream,
        profiles,
        body: parseBody(bytes.toString("utf8")),
        authorization: upstream.authorizationFor(request.headers),
        requestHeader,
        headers: toForwardedHeaders(request.headers, upstream),
        signal,
        target: createResponseTarget(response),
        passThrough: () => passThrough(upstream, request, response, entry, bytes),
        entry,
      });
    } else if (method === "GET" && entry.path === "/v1/models") {
      sendJson(response, 200, {}, await listModels(upstream, profiles, request.headers));
    } else if (method === "GET" && entry.path === STATUS_PATH) {
      sendJson(response, 200, {}, await this.#status(upstream.authorizationFor(request.headers)));
    } else if (method === "GET" && entry.path.startsWith("/v1/models/")) {
      const outgoing = toReadableRequest(upstream, request);
      const asked = { upstream, profiles, headers: request.headers, path: entry.path };
      await answerModel(asked, outgoing, signal, createResponseTarget(response));
    } else {
      const readText = () => bytes.toString("utf8");
      const posted = { path: entry.path, requestHeader, readText };
      const affinity = method === "POST" ? toPassedAffinity(posted, options) : [];
      const passOn = () => passThrough(upstream, request, response, entry, bytes, affinity);
      const protocol = method === "POST" ? findProtocol((path) => path === entry.path) : undefined;
      // A body in an encoding is vLLM's to read.
      if (protocol === undefined || request.headers["content-encoding"] !== undefined) return passOn();
      await answerGuarded({
        protocol,
        options,
        upstream,
        profiles,
        text: readText(),
        outgoing: toReadableRequest(upstream, request, affinity),
        authorization: upstream.authorizationFor(request.headers),
        isClaudeCode: isClaudeCode(request.headers["user-agent"]),
        signal,
        target: createResponseTarget(response),
        passThrough: passOn,
        entry,
      });
    }
  }
}

const STOPPING = new Error("The bridge is stopping.");

function full(): VllmError {
  return new VllmError({
    code: "RATE_LIMITED",
    message: "Too many requests at the same time for the bridge (rate limit).",
    hint: "Wait for running answers, or raise maxConcurrent of the bridge.",
    isRetryable: true,
    retryAfterMs: 1000,
  });
}

/** An answer to a request whose body has not come in full. What still comes is dropped; the connection cannot serve another request. */
function sendWhileReceiving(request: IncomingMessage, response: ServerResponse, reply: ErrorReply): void {
  if (response.headersSent || response.destroyed) return;
  const text = JSON.stringify(reply.body);
  response.writeHead(reply.status, {
    ...reply.headers,
    connection: "close",
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
  });
  response.write(text);
  request.resume();
  const timer = setTimeout(() => response.end(), LINGER_MS);
  request.once("end", () => response.end());
  response.once("close", () => clearTimeout(timer));
}
