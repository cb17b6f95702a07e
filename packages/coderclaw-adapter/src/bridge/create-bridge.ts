import { Server } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { VllmError } from "@vllm/schema/core";
import { ownVersion } from "../own-version.ts";
import type { BridgeOptions } from "./bridge-options.ts";
import type { BridgeStatus } from "./bridge-status.ts";
import { STATUS_PATH } from "./bridge-status.ts";
import { answerChat, sendJson } from "./chat-route.ts";
import { answerCrossOrigin, isAllowedOrigin } from "./cross-origin.ts";
import { toErrorReply } from "./error-reply.ts";
import { checkAccess } from "./host-access.ts";
import { toListenArguments } from "./listen-arguments.ts";
import type { BridgeLogEntry } from "./log-entry.ts";
import type { ModelProfiles } from "./model-profiles.ts";
import { createModelProfiles } from "./model-profiles.ts";
import { listModels } from "./models-route.ts";
import { passThrough } from "./pass-through.ts";
import { parseBody, readBody } from "./read-body.ts";
import { createCircleGuard } from "./request-circle.ts";
import type { UpstreamServer } from "./upstream-server.ts";
import { createUpstreamServer } from "./upstream-server.ts";

/**
 * A node server. `listen` without a host listens on 127.0.0.1, and throws `CONFIG_INVALID` for an address that is not loopback when there
 * is no key. `close` lets running answers finish, for `stopMs` at most.
 */
export interface Bridge extends Server {
  /** Base URL for hosts, such as `http://127.0.0.1:8010/v1`; undefined until it listens. */
  readonly baseUrl: string | undefined;
  /** Root of vLLM's OpenAI routes, such as `http://127.0.0.1:8000/v1`. */
  readonly upstreamUrl: string;
}

/**
 * Creates a loopback server between a host that speaks OpenAI and vLLM: whole tool calls only, requests fitted to the model, errors that
 * say what to do. Nothing is sent before it listens.
 *
 * @throws {VllmError} `CONFIG_INVALID` when an option cannot be used
 */
export function createBridge(options: BridgeOptions = {}): Bridge {
  return new BridgeServer(options);
}

const MAX_BODY_BYTES = 64 * 1024 * 1024;
const MAX_CONCURRENT = 256;
const STOP_MS = 10_000;
const MAX_HEADER_BYTES = 32 * 1024;

class BridgeServer extends Server implements Bridge {
  readonly #options: BridgeOptions;
  readonly #upstream: UpstreamServer;
  readonly #profiles: ModelProfiles;
  readonly #guard = createCircleGuard();
  readonly #running = new Set<AbortController>();

  constructor(options: BridgeOptions) {
    super({ maxHeaderSize: MAX_HEADER_BYTES, headersTimeout: 15_000, requestTimeout: 120_000 });
    this.#options = options;
    this.#upstream = createUpstreamServer(options);
    this.#profiles = createModelProfiles(this.#upstream);
    this.on("request", (request, response) => void this.#handle(request, response));
    // The first look is on its way before the first request.
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
    return super.listen(...(toListenArguments(given, this.#options.key !== undefined) as []));
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
        if (entry.ending === "ok") entry.ending = "host left";
        controller.abort();
      }
      // A connection that is kept would keep a closing server open.
      if (!this.listening) setImmediate(() => this.closeIdleConnections());
    });
    const isFull = this.#running.size >= (this.#options.maxConcurrent ?? MAX_CONCURRENT);
    this.#running.add(controller);
    try {
      // A preflight request carries no key.
      const isPreflight = isAllowedOrigin(request, this.#options.allowOrigins) && answerCrossOrigin(request, response);
      if (!isPreflight) checkAccess(request, this.#options);
      this.#guard.enter(request);
      // What looks at the bridge must not take a busy one for one that is not there.
      if (isFull && entry.path !== STATUS_PATH) throw full();
      if (!isPreflight) await this.#route(request, response, controller.signal, entry);
    } catch (error) {
      if (entry.ending === "ok") entry.ending = VllmError.isInstance(error) ? error.code : "SERVER_ERROR";
      const { status, headers, body } = toErrorReply(error);
      // A body that nobody reads would be taken for the next request.
      sendJson(response, status, request.complete ? headers : { ...headers, connection: "close" }, body);
    }
    await isOver;
    this.#running.delete(controller);
    entry.status = response.headersSent ? response.statusCode : 0;
    entry.durationMs = performance.now() - start;
    this.#options.log?.(entry);
  }

  async #status(authorization: string | undefined): Promise<BridgeStatus> {
    const { state } = await this.#profiles.lookAgain(authorization);
    const bridge = await ownVersion();
    return { bridge, upstream: this.upstreamUrl, upstreamState: state, running: this.#running.size - 1 };
  }

  async #route(
    request: IncomingMessage,
    response: ServerResponse,
    signal: AbortSignal,
    entry: BridgeLogEntry,
  ): Promise<void> {
    const options = this.#options;
    const upstream = this.#upstream;
    const profiles = this.#profiles;
    const { method } = request;
    if (!entry.path.startsWith("/")) throw badPath();
    if (method === "POST" && entry.path === "/v1/chat/completions") {
      const bytes = await readBody(request, options.maxBodyBytes ?? MAX_BODY_BYTES);
      const body = parseBody(bytes);
      await answerChat({ options, upstream, profiles, request, response, bytes, body, signal, entry });
    } else if (method === "GET" && entry.path === "/v1/models") {
      sendJson(response, 200, {}, await listModels(upstream, profiles, request.headers));
    } else if (method === "GET" && entry.path === STATUS_PATH) {
      sendJson(response, 200, {}, await this.#status(upstream.authorizationFor(request.headers)));
    } else await passThrough(upstream, request, response, entry);
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

function badPath(): VllmError {
  return new VllmError({
    code: "INVALID_REQUEST",
    message: "The request's target is not a path.",
    hint: "The bridge is no proxy: use its address as the base URL.",
  });
}
