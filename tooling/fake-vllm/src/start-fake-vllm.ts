import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { engineDeath } from "./engine-death.ts";
import { failReply, isReplyFailure } from "./fail-reply.ts";
import { createFailing, toFailure } from "./failing.ts";
import type { Failure, FailureKind } from "./failure.ts";
import { isGeneration, toReceivedRequest, type ReceivedRequest } from "./received-request.ts";
import type { Reply } from "./reply.ts";
import type { Scenario } from "./scenario.ts";
import { isRawFailure, rawFailures } from "./send-raw-failure.ts";
import { sendReply } from "./send-reply.ts";
import { createVllmBehaviour, defaultConfig } from "./vllm-behaviour.ts";

export interface FakeVllmOptions {
  /** Port on 127.0.0.1. Default: a free one. */
  readonly port?: number | undefined;
  /** The recorded server to imitate, `<version>/<config>`. Default: `0.32.0/lab`. */
  readonly config?: string | undefined;
  /** What chat requests are answered with. Default: `"demo"`. */
  readonly scenario?: Scenario | undefined;
  /** As `vllm serve --api-key`: guards the paths under /v1. */
  readonly apiKey?: string | undefined;
  /** Wait between two chunks of a body, in milliseconds. Default: 0. */
  readonly chunkDelayMs?: number | undefined;
  /** How the server fails. Default: not at all. */
  readonly fail?: Failure | FailureKind | undefined;
}

export interface FakeVllm {
  /** With `/v1`. */
  readonly baseUrl: string;
  /** Without `/v1`. */
  readonly serverRoot: string;
  readonly port: number;
  /** The served model, the first of `/v1/models`. */
  readonly model: string;
  /** All requests so far, in order. */
  readonly requests: readonly ReceivedRequest[];
  /** Number of requests that are being answered. */
  readonly activeRequests: number;
  /** Changes what the next chat requests are answered with. */
  play(scenario: Scenario): void;
  /**
   * Changes how the next requests fail; undefined heals. `refuse` is a killed server: it stops listening and resets every connection, those
   * that are kept open too; what is set after it listens again on the same port.
   */
  fail(failure: Failure | FailureKind | undefined): void;
  /** Fulfilled once no request is being answered. */
  waitUntilIdle(): Promise<void>;
  /** Stops listening and closes every connection. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts a server on 127.0.0.1 that plays recorded bytes of a real vLLM. */
export async function startFakeVllm(options: FakeVllmOptions = {}): Promise<FakeVllm> {
  const { chunkDelayMs = 0 } = options;
  const requests: ReceivedRequest[] = [];
  const active = new Set<ReceivedRequest>();
  const idleWaiters: (() => void)[] = [];
  let isStopped = false;
  const behaviour = createVllmBehaviour({
    config: options.config ?? defaultConfig,
    scenario: options.scenario ?? "demo",
    apiKey: options.apiKey,
    countRunning: () => [...active].filter(isGeneration).length,
  });
  const failing = createFailing(options.fail);
  const death = engineDeath(behaviour.recordings);

  async function handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = toReceivedRequest({
      method: incoming.method ?? "",
      path: incoming.url ?? "",
      headers: Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)])),
      bodyText: await readAll(incoming),
    });
    requests.push(request);
    active.add(request);
    let isBrokenByUs = false;
    let onClosed: Reply["onClosed"];
    response.once("close", () => {
      request.finished = true;
      request.aborted = !response.writableFinished && !isBrokenByUs && !isStopped;
      active.delete(request);
      onClosed?.(request.aborted ? "client-left" : "ended");
      if (active.size === 0) for (const resolve of idleWaiters.splice(0)) resolve();
    });
    const failure = failing.next(request);
    let reply = death.after(request) ?? behaviour.answer(request, failure !== undefined);
    if (failure?.kind === "engine-dies") reply = death.now(request, reply, failure);
    if (failure && isReplyFailure(failure.kind)) reply = failReply(reply, failure.kind, failure);
    ({ onClosed } = reply);
    if (failure && isRawFailure(failure.kind)) {
      isBrokenByUs = true;
      rawFailures[failure.kind](incoming.socket, reply);
    } else {
      await sendReply(response, reply, chunkDelayMs, () => (isBrokenByUs = true));
    }
  }

  const server = createServer((incoming, response) => {
    handle(incoming, response).catch((error: unknown) => {
      if (response.destroyed) return;
      if (!response.headersSent) response.writeHead(500, { "content-type": "text/plain" });
      response.end(`fake-vllm: ${error instanceof Error ? error.message : String(error)}`);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;

  function stop(): Promise<void> {
    isStopped = true;
    return new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  }
  function fail(next: Failure | FailureKind | undefined): void {
    failing.set(next);
    if (toFailure(next)?.kind === "refuse") void stop();
    else if (isStopped) {
      isStopped = false;
      server.listen(port, "127.0.0.1");
    }
  }
  if (toFailure(options.fail)?.kind === "refuse") await stop();

  const serverRoot = `http://127.0.0.1:${port}`;
  return {
    baseUrl: `${serverRoot}/v1`,
    serverRoot,
    port,
    model: behaviour.model,
    requests,
    get activeRequests() {
      return active.size;
    },
    play: behaviour.play,
    fail,
    waitUntilIdle: () => (active.size === 0 ? Promise.resolve() : new Promise((resolve) => idleWaiters.push(resolve))),
    close: stop,
    [Symbol.asyncDispose]: stop,
  };
}

async function readAll(incoming: IncomingMessage): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of incoming) pieces.push(piece as Uint8Array);
  return Buffer.concat(pieces).toString("utf8");
}
