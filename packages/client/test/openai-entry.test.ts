import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { createControlledStream, startFakeVllm, type FakeVllm } from "@vllm-tooling/fake-vllm";
import { createOpenAI } from "@vllm/client/openai";
import OpenAI, { APIConnectionError, AuthenticationError } from "openai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const HELLO = "\n\nHello there! How can I help you today?";
const PARAMS = { model: "lab/tiny", messages: [{ role: "user" as const, content: "hello" }] };

let server: FakeVllm;
beforeAll(async () => void (server = await startFakeVllm({ apiKey: "sk-1" })));
afterAll(() => server.close());

describe("createOpenAI", () => {
  test("asks the same server with the same key and headers", async () => {
    const openai = createOpenAI({ baseUrl: server.serverRoot, apiKey: "sk-1", headers: { "X-Team": "a" } });
    expect(openai).toBeInstanceOf(OpenAI);
    const models = await openai.models.list();
    expect(models.data.map((model) => model.id)).toContain("lab/tiny");
    expect(server.requests.at(-1)).toMatchObject({
      path: "/v1/models",
      headers: { authorization: "Bearer sk-1", "x-team": "a" },
    });
    const answer = await openai.chat.completions.create(PARAMS);
    expect(answer.choices[0]?.message.content).toBe(HELLO);
  });

  test("streams through our transport, and leaving the loop stops the server", async () => {
    const openai = createOpenAI({ baseUrl: server.baseUrl, apiKey: "sk-1" });
    let text = "";
    for await (const chunk of await openai.chat.completions.create({ ...PARAMS, stream: true })) {
      text += chunk.choices[0]?.delta.content ?? "";
    }
    expect(text).toBe(HELLO);
    const stream = createControlledStream();
    server.play(stream);
    const reply = openai.chat.completions.create({ ...PARAMS, stream: true });
    await stream.opened;
    stream.writeEvent({ id: "1", choices: [{ index: 0, delta: { content: "one" }, finish_reason: null }] });
    for await (const chunk of await reply) {
      expect(chunk.choices[0]?.delta.content).toBe("one");
      break;
    }
    expect(await stream.closed).toBe("client-left");
    server.play("demo");
  });

  test("gives the package's own errors, with the server's words", async () => {
    const wrongKey = createOpenAI({ baseUrl: server.baseUrl, apiKey: "sk-2" });
    await expect(wrongKey.models.list()).rejects.toBeInstanceOf(AuthenticationError);
    const absent = createOpenAI({ baseUrl: "http://127.0.0.1:1", retry: { maxRetries: 0 } });
    await expect(absent.models.list()).rejects.toBeInstanceOf(APIConnectionError);
  });

  test("says what went wrong before an answer, and in the middle of one", async () => {
    const absent = createOpenAI({ baseUrl: "http://127.0.0.1:1", apiKey: "sk-1", retry: { maxRetries: 0 } });
    for (const openai of [absent, absent.withOptions({ timeout: 5000 })]) {
      const error = await openai.models.list().catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({
        message: expect.stringMatching(/^Nothing listens at 127\.0\.0\.1:1: .*vllm serve/),
      });
      expect((error as Error).stack).toContain("Nothing listens at");
      expect((error as Error).stack).not.toContain("Connection error");
    }
    const stream = createControlledStream();
    server.play(stream);
    const reply = createOpenAI({ baseUrl: server.baseUrl, apiKey: "sk-1" }).chat.completions.create({
      ...PARAMS,
      stream: true,
    });
    await stream.opened;
    stream.writeEvent({ id: "1", choices: [{ index: 0, delta: { content: "one" }, finish_reason: null }] });
    const reading = (async () => {
      for await (const chunk of await reply) if (chunk.choices[0]?.delta.content === "one") stream.reset();
    })();
    await expect(reading).rejects.toMatchObject({
      message: expect.stringMatching(/^The connection was lost before the answer was whole/),
      cause: { code: "STREAM_ENDED_EARLY" },
    });
    server.play("demo");
  });

  test("sends no key when there is none", async () => {
    const seen: (string | undefined)[] = [];
    const keyless = createServer((request, response) => {
      seen.push(request.headers.authorization);
      response.setHeader("content-type", "application/json");
      response.end('{"object":"list","data":[]}');
    });
    await new Promise<void>((resolve) => keyless.listen(0, "127.0.0.1", resolve));
    await createOpenAI({ baseUrl: `http://127.0.0.1:${(keyless.address() as AddressInfo).port}` }).models.list();
    expect(seen).toEqual([undefined]);
    keyless.close();
  });

  test("sends files, and hands headers on", async () => {
    let received = Buffer.alloc(0);
    const files = createServer((request, response) => {
      request.on("data", (piece: Buffer) => (received = Buffer.concat([received, piece])));
      request.on("end", () => {
        response.writeHead(200, { "content-type": "application/json", "x-kept": "1", "content-encoding": "gzip" });
        response.end(gzipSync('{"text":"hi"}'));
      });
    });
    await new Promise<void>((resolve) => files.listen(0, "127.0.0.1", resolve));
    const openai = createOpenAI({ baseUrl: `http://127.0.0.1:${(files.address() as AddressInfo).port}` });
    const bytes = new Uint8Array([0, 255, 128, 10, 13]);
    const { data, response } = await openai.audio.transcriptions
      .create({ model: "whisper", file: new File([bytes], "a.wav") })
      .withResponse();
    expect(data.text).toBe("hi");
    expect(response.headers.get("x-kept")).toBe("1");
    expect(received.includes(Buffer.from(bytes))).toBe(true);
    files.close();
  });

  test("a signal ends a request that waits", async () => {
    const stream = createControlledStream();
    server.play(stream);
    const openai = createOpenAI({ baseUrl: server.baseUrl, apiKey: "sk-1" });
    const controller = new AbortController();
    const { signal } = controller;
    void stream.opened.then(() => controller.abort());
    await expect(
      (async () => {
        for await (const _ of await openai.chat.completions.create({ ...PARAMS, stream: true }, { signal }));
        signal.throwIfAborted();
      })(),
    ).rejects.toThrow();
    expect(await stream.closed).toBe("client-left");
    server.play("demo");
  });

  test("a reader that falls behind makes the server wait", async () => {
    const stream = createControlledStream();
    server.play(stream);
    const openai = createOpenAI({ baseUrl: server.baseUrl, apiKey: "sk-1" });
    const response = openai.chat.completions.create({ ...PARAMS, stream: true }).asResponse();
    await stream.opened;
    const piece = "z".repeat(64 * 1024);
    for (let turn = 0; turn < 400; turn += 1) stream.write(piece);
    stream.end();
    const { body } = await response;
    const first = await Promise.race([
      stream.closed,
      new Promise<"waits">((resolve) => setTimeout(() => resolve("waits"), 200)),
    ]);
    expect(first).toBe("waits");
    let length = 0;
    for await (const bytes of body as unknown as AsyncIterable<Uint8Array>) length += bytes.length;
    expect(length).toBe(400 * piece.length);
    server.play("demo");
  });
});

test("the main entry loads neither openai nor zod", async () => {
  const program = `
    import { registerHooks } from "node:module";
    const seen = [];
    registerHooks({ resolve(specifier, context, next) { const found = next(specifier, context); seen.push(found.url); return found; } });
    await import("@vllm/client");
    console.log(JSON.stringify(seen));`;
  const output = await new Promise<string>((resolve, reject) => {
    execFile(
      process.execPath,
      ["--conditions=@vllm/source", "--input-type=module", "--eval", program],
      { cwd: import.meta.dirname },
      (error, stdout) => (error === null ? resolve(stdout) : reject(error)),
    );
  });
  const modules = JSON.parse(output) as string[];
  expect(modules.length).toBeGreaterThan(10);
  expect(modules.filter((url) => /node_modules\/(openai|zod|json5)\//.test(url))).toEqual([]);
});

test("only the openai entry names the package, in types too", () => {
  const source = fileURLToPath(new URL("../src", import.meta.url));
  const naming = readdirSync(source, { recursive: true, encoding: "utf8" }).filter(
    (file) =>
      /(?<!\.test)\.ts$/.test(file) && /(?:from|import\() ?"openai/.test(readFileSync(join(source, file), "utf8")),
  );
  expect(naming).toEqual(["openai.ts"]);
});
