import { connect } from "node:net";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { FakeVllm } from "@vllm-tooling/fake-vllm";
import { startFakeVllm } from "@vllm-tooling/fake-vllm";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { begin } from "../../test/support/answers.ts";
import { runDemo } from "./run-demo.ts";
import type { RunEvent } from "./run-event.ts";

type DemoOptions = Partial<Parameters<typeof runDemo>[0]>;

let folder: string;
let server: FakeVllm;
let events: RunEvent[];

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "run-demo-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));
beforeEach(async () => {
  server = await startFakeVllm();
  events = [];
});
afterEach(() => server.close());

const run = (options: DemoOptions) =>
  runDemo({ env: {}, signal: new AbortController().signal, ...options }, (event) => events.push(event));
async function writeConfig(baseUrl: string, model: string): Promise<string> {
  const file = path.join(folder, "config.json5");
  await writeFile(
    file,
    `{ models: { providers: { vllm: { baseUrl: "${baseUrl}", models: [{ id: "${model}", name: "M" }] } } } }`,
  );
  return file;
}
const types = () => events.map(({ type }) => type);
const error = () => events.find((event) => event.type === "error");
const chats = () =>
  server.requests.filter(({ path: route, method }) => route === "/v1/chat/completions" && method === "POST");

test("feeds the results back, and streams", async () => {
  expect(await run({ baseUrl: server.baseUrl })).toBe(0);
  const bodies = chats().map(({ body }) => body as { stream: boolean; messages: { role: string; content: string }[] });
  expect(bodies.map(({ stream }) => stream)).toEqual([true, true]);
  expect(bodies[1]?.messages.map(({ role }) => role)).toEqual(["system", "user", "assistant", "tool", "tool"]);
  expect(bodies[1]?.messages.at(-1)?.content).toBe("391");
});

describe("a server that was named is that one or none", () => {
  test.each([
    ["--base-url", (baseUrl: string): DemoOptions => ({ baseUrl })],
    ["VLLM_BASE_URL", (url: string): DemoOptions => ({ env: { VLLM_BASE_URL: url } })],
    ["VLLM_BASE_URL with a key", (url: string): DemoOptions => ({ env: { VLLM_BASE_URL: url, VLLM_API_KEY: "k" } })],
  ])("%s of a server that is down: exit code 1", async (_name, toOptions) => {
    await server.close();
    expect(await run(toOptions(server.baseUrl))).toBe(1);
    expect(error()).toMatchObject({ code: "SERVER_UNREACHABLE" });
    expect(types()).not.toContain("embedded_server");
  });

  test("an explicit provider that is down: exit code 1", async () => {
    await server.close();
    const configFile = await writeConfig(server.baseUrl, "a");
    expect(await run({ configFile })).toBe(1);
    expect(error()).toMatchObject({ code: "SERVER_UNREACHABLE" });
    expect(types()).not.toContain("embedded_server");
  });

  test("a model that the server does not have: the ids that exist, exit code 1", async () => {
    expect(await run({ baseUrl: server.baseUrl, model: "lab/tny" })).toBe(1);
    expect(error()).toMatchObject({ code: "MODEL_NOT_FOUND", hint: 'Use "lab/tiny", the only model that is served.' });
    expect(chats()).toEqual([]);
  });

  test("a model of an explicit provider that the server does not have", async () => {
    const configFile = await writeConfig(server.baseUrl, "lab/tny");
    expect(await run({ configFile })).toBe(1);
    expect(error()).toMatchObject({ code: "MODEL_NOT_FOUND", message: expect.stringContaining("lab/tiny") });
  });
});

test.skipIf(await isListening(8000))(
  "opted in with nothing there: says so and goes on with the embedded server",
  async () => {
    expect(await run({ env: { VLLM_API_KEY: "k" } })).toBe(0);
    expect(events[0]).toMatchObject({
      type: "provider",
      source: "unavailable",
      reason: expect.stringContaining("127.0.0.1:8000"),
    });
    expect(events[1]).toMatchObject({ type: "embedded_server" });
  },
);

test.each([
  ["an address that is none", { baseUrl: "ht tp://x" }, 2],
  ["a config that is not there", { configFile: "/nowhere/at-all.json5" }, 2],
])("%s: exit code %d, before anything else is said", async (_name, options, code) => {
  expect(await run(options)).toBe(code);
  expect(types()).toEqual(["error"]);
});

test("the engine dies: the answer is incomplete, and why", async () => {
  const configFile = await writeConfig(server.baseUrl, "lab/tiny");
  server.fail("engine-dies");
  expect(await run({ configFile })).toBe(1);
  expect(error()).toMatchObject({ code: "ENGINE_FAILED", isAnswerIncomplete: true });
});

test("stopped while the server is being asked for its models", async () => {
  server.fail({ kind: "stall-before-headers", paths: /./ });
  const controller = new AbortController();
  const running = run({ baseUrl: server.baseUrl, signal: controller.signal });
  await expect.poll(() => server.activeRequests).toBeGreaterThan(0);
  controller.abort();
  await running;
  expect(types()).toEqual(["provider", "stopped"]);
});

test("stopped in the middle of an answer", async () => {
  const stream = begin("The time is");
  server.play(stream);
  const controller = new AbortController();
  const running = run({ baseUrl: server.baseUrl, signal: controller.signal });
  await stream.opened;
  await expect.poll(types).toContain("text_delta");
  controller.abort();
  await running;
  expect(types().at(-1)).toBe("stopped");
  expect(await stream.closed).toBe("client-left");
});

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const finish = (result: boolean): void => {
      socket.destroy();
      resolve(result);
    };
    socket.on("connect", () => finish(true)).on("error", () => finish(false));
  });
}
