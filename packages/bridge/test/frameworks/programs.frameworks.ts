import { execFile } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { startFakeVllm } from "@vllm-tooling/fake-vllm";
import { isLabSupported, startLab, type Lab } from "@vllm-tooling/vllm-lab";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { installFrameworks } from "./install-frameworks.ts";
import { examples, runExample } from "./run-example.ts";

const HELLO = /Hello there! How can I help you today\?/;
const TIME = /It is 12:30\./;
/** What a program prints that has answered. */
const EXPECTED: Readonly<Record<string, RegExp>> = {
  "ai-sdk-6": TIME,
  anthropic: HELLO,
  langchain: TIME,
  llamaindex: TIME,
  mastra: TIME,
  "openai-agents": TIME,
  "openai-chat": HELLO,
  "openai-responses": /Hello there![\s\S]*The user greets me/,
  "openai-tools": TIME,
};
const WITH_TOOLS = Object.keys(EXPECTED).filter((name) => EXPECTED[name] === TIME);
const TURN = { timeout: 120_000 };

const root = fileURLToPath(new URL("../../../../", import.meta.url));
let folder: string;

beforeAll(async () => {
  folder = await installFrameworks();
});
afterAll(() => {
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

test("every program is run", () => expect(Object.keys(EXPECTED).toSorted()).toEqual(examples.names.toSorted()));

test("the programs compile with the frameworks' own types", TURN, async () => {
  for (const name of examples.names) writeFileSync(join(folder, `${name}.ts`), examples.read(name));
  const compilerOptions = { noUnusedLocals: false, typeRoots: [join(root, "packages/bridge/node_modules/@types")] };
  const config = { extends: join(root, "tsconfig.base.json"), compilerOptions, include: ["*.ts"] };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
  const compiled = promisify(execFile)(join(root, "node_modules/.bin/tsc"), ["-p", folder]);
  const { stdout } = await compiled.catch((error: { stdout: string }) => error);
  expect(stdout).toBe("");
});

describe("against recorded answers", () => {
  test.each(examples.names)("%s", async (name) => {
    await using server = await startFakeVllm();
    const { stdout, stderr } = await runExample(folder, name, server.baseUrl);
    expect(stdout, stderr).toMatch(EXPECTED[name]!);
  });
});

describe("a call that is cut by the token limit runs in no framework", () => {
  let server: Server;
  let bodies: string[] = [];

  /** Calls `clock` with arguments that look whole, and ends with `length`. */
  const cut = (isStream: boolean) => {
    const call = { id: "c1", type: "function", function: { name: "clock", arguments: "{}" } };
    const head = { id: "chatcmpl-1", created: 1, model: "lab/tiny", system_fingerprint: null };
    const usage = { prompt_tokens: 5, completion_tokens: 5, total_tokens: 10 };
    if (!isStream) {
      const message = { role: "assistant", content: null, tool_calls: [call] };
      return JSON.stringify({
        ...head,
        object: "chat.completion",
        choices: [{ index: 0, message, finish_reason: "length" }],
        usage,
      });
    }
    const chunk = (delta: object, finish_reason: string | null) => ({
      ...head,
      object: "chat.completion.chunk",
      choices: [{ index: 0, delta, finish_reason }],
    });
    const chunks = [chunk({ role: "assistant", tool_calls: [{ index: 0, ...call }] }, null), chunk({}, "length")];
    return (
      [...chunks, { ...head, choices: [], usage }].map((each) => `data: ${JSON.stringify(each)}\n\n`).join("") +
      "data: [DONE]\n\n"
    );
  };

  beforeAll(async () => {
    server = createServer(async (request, response) => {
      let text = "";
      for await (const piece of request) text += String(piece);
      if (request.method !== "POST" || !request.url?.endsWith("/chat/completions"))
        return void response.writeHead(404).end();
      bodies.push(text);
      const isStream = (JSON.parse(text) as { stream?: boolean }).stream === true;
      response.writeHead(200, { "content-type": isStream ? "text/event-stream" : "application/json" });
      response.end(cut(isStream));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  test.each(WITH_TOOLS)("%s", async (name) => {
    bodies = [];
    const { port } = server.address() as AddressInfo;
    const { stdout, stderr } = await runExample(folder, name, `http://127.0.0.1:${port}/v1`);
    expect(bodies.length).toBeGreaterThan(1);
    expect(bodies.filter((body) => body.includes("12:30"))).toEqual([]);
    expect(`${stdout}${stderr}`).toMatch(/not complete/);
  });
});

/** What docs/frameworks.md says of each. */
const SHOWN = {
  openaiChat: { whole: true, streamed: true },
  openaiResponses: { whole: true, streamed: true },
  langchain: { whole: false, streamed: false },
  agents: { whole: true, streamedPiecewise: false, streamedWhole: true },
  llamaindex: { whole: false, inRaw: true, streamed: false, streamedInRaw: false },
  mastra: { whole: true, streamed: true },
  anthropic: { whole: true, streamed: true },
  aiSdk6: { whole: true, streamed: true },
};

test("reasoning is shown where the page says it", async () => {
  await using server = await startFakeVllm();
  const file = join(folder, "reasoning.mjs");
  copyFileSync(join(import.meta.dirname, "reasoning.mjs"), file);
  const flags = ["--conditions=@vllm/source", "--disable-warning=ExperimentalWarning"];
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, file, server.baseUrl], { cwd: folder });
  expect(JSON.parse(stdout.trim().split("\n").at(-1) ?? "")).toEqual(SHOWN);
});

/** Programs whose second request has the reasoning of the first answer. */
const SENT_BACK = new Set(["ai-sdk-6", "mastra", "openai-agents"]);

test.each(WITH_TOOLS)("whether reasoning is sent back: %s", async (name) => {
  await using server = await startFakeVllm();
  await runExample(folder, name, server.baseUrl);
  const last = server.requests.findLast(({ path }) => path === "/v1/chat/completions")?.body as
    | { messages?: { role: string; reasoning?: string }[] }
    | undefined;
  const turn = last?.messages?.find(({ role }) => role === "assistant");
  expect(turn).toBeDefined();
  expect(turn?.reasoning !== undefined).toBe(SENT_BACK.has(name));
});

const support = await isLabSupported();

describe.runIf(support.supported)("against a real vLLM", () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await startLab();
  });
  afterAll(() => lab?.stop());

  test.each(examples.names)("%s", async (name) => {
    const { stdout, stderr } = await runExample(folder, name, lab.baseUrl);
    expect(stdout, stderr).toMatch(EXPECTED[name]!);
  });
});
