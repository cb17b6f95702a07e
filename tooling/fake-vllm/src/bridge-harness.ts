import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { isDryRun, type ReceivedRequest } from "./received-request.ts";
import { startFakeVllm, type FakeVllm, type FakeVllmOptions } from "./start-fake-vllm.ts";

export { isDryRun };

/** The part of `@vllm/bridge` that its tests and the command's need; tooling imports no package of ours. */
export interface AnyBridge extends Server {
  readonly baseUrl: string | undefined;
}

export interface BridgeSetUp<Bridge, LogEntry> {
  fake: FakeVllm;
  bridge: Bridge;
  baseUrl: string;
  log: LogEntry[];
  /** Chat requests that vLLM saw. */
  chats: () => ReceivedRequest[];
}

export interface BridgeHarness<Options, Bridge, LogEntry> {
  /** A bridge in front of a fake vLLM. */
  setUp(fakeOptions?: FakeVllmOptions, options?: Options): Promise<BridgeSetUp<Bridge, LogEntry>>;
  startBridge(options: Options, port?: number): Promise<Bridge>;
  tearDown(): Promise<void>;
}

/** Starts bridges, and closes them with what is behind them. */
export function createBridgeHarness<
  Options extends { upstream?: string | undefined; log?: ((entry: LogEntry) => void) | undefined },
  Bridge extends AnyBridge,
  LogEntry,
>(
  createBridge: (options: Options & { log?: ((entry: LogEntry) => void) | undefined }) => Bridge,
): BridgeHarness<Options, Bridge, LogEntry> {
  const open: { close(): unknown }[] = [];

  async function startBridge(options: Options, port = 0): Promise<Bridge> {
    const bridge = createBridge(options);
    bridge.listen(port);
    await once(bridge, "listening");
    open.push({
      close() {
        bridge.close();
        bridge.closeAllConnections();
      },
    });
    return bridge;
  }

  return {
    startBridge,
    async setUp(fakeOptions = {}, options) {
      const { fail, ...healthy } = fakeOptions;
      const fake = await startFakeVllm(healthy);
      const log: LogEntry[] = [];
      const own = { upstream: fake.baseUrl, log: (entry: LogEntry) => void log.push(entry), ...options } as Options;
      const bridge = await startBridge(own);
      open.push(fake);
      if (fail !== undefined) await untilLookedAt(fake);
      fake.fail(fail);
      return { fake, bridge, baseUrl: bridge.baseUrl ?? "", log, chats: () => chatsOf(fake) };
    },
    async tearDown() {
      await Promise.all(
        open
          .splice(0)
          .toReversed()
          .map((server) => server.close()),
      );
    },
  };
}

/** The bridge's first look at the server is over. */
export async function untilLookedAt(fake: FakeVllm): Promise<void> {
  const isSeen = () => fake.requests.some(({ path }) => path === "/detokenize") && fake.activeRequests === 0;
  for (let calm = 0; calm < 3; calm = isSeen() ? calm + 1 : 0) await delay(10);
}

/** The chat requests among all that vLLM saw, without those of probes. */
export function chatsOf(fake: FakeVllm): ReceivedRequest[] {
  const isChat = ({ method, path }: ReceivedRequest) => method === "POST" && path.endsWith("/chat/completions");
  return fake.requests.filter((request) => isChat(request) && !isDryRun(request));
}

export function portOf(bridge: AnyBridge): number {
  return (bridge.address() as AddressInfo).port;
}

export interface Posted {
  status: number;
  headers: Headers;
  text: string;
}

export async function post(baseUrl: string, body: object, headers: Record<string, string> = {}): Promise<Posted> {
  const answer = await fetch(`${baseUrl}/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
  return { status: answer.status, headers: answer.headers, text: await answer.text() };
}

interface Chunk {
  id?: string;
  choices?: { index: number; delta: Record<string, unknown>; finish_reason: string | null }[];
  usage?: Record<string, unknown>;
  error?: { message: string; type: string; param: string | null; code: number };
}

/** The events of a streamed answer; `[DONE]` is left out and must be the last one. */
export function readEvents(text: string): Chunk[] {
  const lines = text.split("\n\n").filter((part) => part.startsWith("data: "));
  if (lines.pop() !== "data: [DONE]") throw new Error(`The stream does not end with [DONE]: …${text.slice(-300)}`);
  return lines.map((line) => JSON.parse(line.slice("data: ".length)) as Chunk);
}

export function textOf(events: readonly Chunk[], field: "content" | "reasoning" = "content"): string {
  return events.map((event) => event.choices?.[0]?.delta[field] ?? "").join("");
}

export const TOOLS = [
  {
    type: "function",
    function: {
      name: "get_weather",
      description: "Current weather of a city",
      parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
    },
  },
];
