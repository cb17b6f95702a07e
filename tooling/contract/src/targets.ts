import { setupServer } from "msw/node";
import { afterAll, afterEach, beforeAll, describe } from "vitest";
import {
  createVllmHandlers,
  servedModelOf,
  startFakeVllm,
  type Failure,
  type FailureKind,
  type FakeVllm,
  type MswFailureKind,
  type ReceivedRequest,
  type Scenario,
} from "@vllm-tooling/fake-vllm";

export type TargetName = "msw" | "fake" | "real";

export interface ServeOptions {
  /** Recorded server to imitate, `<version>/<config>`. The real server is what it is: it serves hermes and qwen3. */
  readonly config?: string | undefined;
  readonly apiKey?: string | undefined;
  readonly chunkDelayMs?: number | undefined;
}

/** A server that a test can talk to. */
export interface ServedTarget {
  /** With `/v1`. */
  readonly baseUrl: string;
  /** Name of a served model. */
  readonly model: string;
  /** What was received so far; empty on a real server. */
  readonly requests: readonly ReceivedRequest[];
  /**
   * Set when the server can only be reached through this function: msw sees `fetch`, but not a transport that holds
   * `node:http` functions or an agent of its own. Hand it on: `createVllmClient({ baseUrl, fetch: served.fetch })`.
   */
  readonly fetch?: typeof fetch | undefined;
}

export interface Target {
  readonly name: TargetName;
  /**
   * A server whose chat answers are this scenario's.
   * On the real server the prompt decides: send the request of the recording (`loadFixture(id).request.body`) with `served.model`.
   */
  serve(scenario: Scenario, options?: ServeOptions): Promise<ServedTarget>;
  /** A server that fails. Not on the real one: leave `"real"` out of the list. */
  serveFailing(failure: Failure | FailureKind, options?: ServeOptions & { scenario?: Scenario }): Promise<ServedTarget>;
}

/**
 * Runs the same tests against msw handlers, the fake server, and a real vLLM. The real one takes part only when
 * `VLLM_LIVE_BASE_URL` is set, as `pnpm test:live` does.
 */
export function describeTargets(names: readonly TargetName[], define: (target: Target) => void): void {
  for (const name of names) {
    const liveBaseUrl = process.env["VLLM_LIVE_BASE_URL"];
    if (name === "msw") describe("against msw", () => define(createMswTarget()));
    if (name === "fake") describe("against the fake server", () => define(createFakeTarget()));
    if (name === "real" && liveBaseUrl) describe("against a real vLLM", () => define(createRealTarget(liveBaseUrl)));
  }
}

function createMswTarget(): Target {
  const baseUrl = "http://vllm.test:8000/v1";
  const server = setupServer();
  beforeAll(() => server.listen({ onUnhandledFrame: "error" }));
  afterEach(() => server.resetHandlers());
  afterAll(() => server.close());
  return {
    name: "msw",
    async serve(scenario, options) {
      const requests: ReceivedRequest[] = [];
      server.use(...createVllmHandlers({ baseUrl, scenario, requests, ...options }));
      return { baseUrl, model: servedModelOf(options?.config), requests, fetch: globalThis.fetch };
    },
    async serveFailing(failure, { scenario = "demo", ...options } = {}) {
      const requests: ReceivedRequest[] = [];
      const fail = failure as (Failure & { kind: MswFailureKind }) | MswFailureKind;
      server.use(...createVllmHandlers({ baseUrl, scenario, requests, fail, ...options }));
      return { baseUrl, model: servedModelOf(options?.config), requests, fetch: globalThis.fetch };
    },
  };
}

function createFakeTarget(): Target {
  const running: FakeVllm[] = [];
  afterEach(async () => {
    await Promise.all(running.splice(0).map((server) => server.close()));
  });
  async function start(options: Parameters<typeof startFakeVllm>[0]): Promise<ServedTarget> {
    const server = await startFakeVllm(options);
    running.push(server);
    return { baseUrl: server.baseUrl, model: server.model, requests: server.requests };
  }
  return {
    name: "fake",
    serve: (scenario, options) => start({ scenario, ...options }),
    serveFailing: (fail, options) => start({ fail, ...options }),
  };
}

function createRealTarget(baseUrl: string): Target {
  let model: Promise<string> | undefined;
  return {
    name: "real",
    async serve() {
      model ??= fetch(`${baseUrl}/models`).then(
        async (response) => ((await response.json()) as { data: { id: string }[] }).data[0]!.id,
      );
      return { baseUrl, model: await model, requests: [] };
    },
    serveFailing() {
      throw new Error(
        'A real vLLM cannot be made to fail on demand: leave "real" out of describeTargets for this test.',
      );
    },
  };
}
