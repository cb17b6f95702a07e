import { createServer, type Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { stopClock } from "@vllm-tooling/contract/clock";
import type { LimitOptions } from "@vllm/schema/core";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { useOwnServers } from "./own-servers.ts";
import { playFetch } from "./play.ts";
import { discoverServer } from "../src/index.ts";

const { listen, serve } = useOwnServers();
/** Fields that are read somewhere. */
const FIELDS =
  "data id object owned_by root parent max_model_len permission version error message type code detail tokens count prompt choices usage".split(
    " ",
  );
/** Answers every connection with bytes of its own. */
const answerRaw = (write: (socket: Socket) => void) =>
  listen(
    createServer((socket) => {
      socket.on("error", () => {});
      socket.once("data", () => write(socket));
    }),
  );

describe("a hostile server harms nothing", () => {
  test("a list of 100 MB is left after 8 MiB", async () => {
    let sent = 0;
    const baseUrl = await serve((_request, response) => {
      response.writeHead(200, { "content-type": "application/json" });
      response.write('{"object":"list","data":[');
      const piece = `${JSON.stringify({ id: "x".repeat(1000) })},`.repeat(60);
      const pump = () => {
        while (sent < 100_000_000 && !response.destroyed) {
          sent += piece.length;
          if (!response.write(piece)) return void response.once("drain", pump);
        }
        response.end("]}");
      };
      pump();
    });
    const before = process.memoryUsage().rss;
    const report = await discoverServer({ baseUrl, probe: "list" });
    expect(report).toMatchObject({ state: "wrong-server", models: [], access: { listTooLong: true } });
    expect(report.error).toMatchObject({
      code: "RESPONSE_TOO_LARGE",
      message: `The answer from ${baseUrl}/models is larger than 8 MiB.`,
    });
    expect(report.findings.map(({ code }) => code)).toContain("MODEL_LIST_TOO_LONG");
    // The four questions of the first round were all answered so; none was read to its end.
    expect(sent).toBeLessThan(100_000_000);
    expect(process.memoryUsage().rss - before).toBeLessThan(300_000_000);
  });

  test("600 MB of blanks in 600 kB of gzip are left after 8 MiB", async () => {
    const member = gzipSync(" ".repeat(1_000_000));
    const bomb = Buffer.concat(Array.from({ length: 600 }, () => member));
    const baseUrl = await serve((_request, response) => {
      response.writeHead(200, { "content-type": "application/json", "content-encoding": "gzip" }).end(bomb);
    });
    const before = process.memoryUsage().rss;
    const report = await discoverServer({ baseUrl, probe: "list" });
    expect(report.error?.code).toBe("RESPONSE_TOO_LARGE");
    expect(report.asked.length).toBeGreaterThan(3);
    expect(process.memoryUsage().rss - before).toBeLessThan(300_000_000);
  });

  test("limits: a smaller one, a deeper one, one that is none", async () => {
    const card = { id: "m", owned_by: "vllm", max_model_len: 65536 };
    const list = { object: "list", data: [{ ...card, permission: [[[[1]]]] }] };
    const baseUrl = await serve((request, response) => {
      if (request.url === "/v1/models") response.end(JSON.stringify(list));
      else response.writeHead(500).end(JSON.stringify({ error: { message: "x".repeat(2000) } }));
    });
    const discover = (limits: LimitOptions) => discoverServer({ baseUrl, probe: "list", limits });
    expect((await discover({})).models).toHaveLength(1);
    expect((await discover({ nesting: 7 })).models).toHaveLength(1);
    expect(await discover({ nesting: 6 })).toMatchObject({
      models: [],
      error: { code: "STREAM_MALFORMED", message: `The JSON from ${baseUrl}/models is nested deeper than 6 levels.` },
    });
    expect(await discover({ auxiliaryBytes: 50 })).toMatchObject({
      models: [],
      error: { code: "RESPONSE_TOO_LARGE", message: `The answer from ${baseUrl}/models is larger than 50 bytes.` },
    });
    await expect(discover({ auxiliaryBytes: 0 })).rejects.toMatchObject({ code: "CONFIG_INVALID" });
  });

  test("a list of models that is nested 6,000 deep", async () => {
    const deep = `${'{"a":'.repeat(6000)}1${"}".repeat(6000)}`;
    const baseUrl = await serve((_request, response) => response.end(`{"data":[{"id":"m","x":${deep}}]}`));
    const report = await discoverServer({ baseUrl, probe: "list" });
    expect(report).toMatchObject({ models: [], error: { code: "STREAM_MALFORMED" } });
    expect(() => JSON.stringify(report)).not.toThrow();
  });

  test("an endless error body is told by its start", async () => {
    let left = 0;
    const baseUrl = await serve((_request, response) => {
      response.on("close", () => (left += 1));
      response.writeHead(503, { "content-type": "application/json" });
      response.write('{"error":{"message":"The model is on fire.');
      const pump = () => {
        while (!response.destroyed) if (!response.write("x".repeat(60_000))) return void response.once("drain", pump);
      };
      pump();
    });
    const report = await discoverServer({ baseUrl, probe: "list" });
    expect(report.error).toMatchObject({ code: "SERVER_ERROR", status: 503 });
    await expect.poll(() => left).toBe(report.asked.length);
  });

  test("JSON of any shape, on every route, with any status", async () => {
    const text = fc.oneof(fc.string(), fc.constantFrom("vllm", "0.32.0", "__proto__", "\u202e", "9".repeat(400)));
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        text,
        fc.oneof(fc.integer(), fc.double(), fc.constantFrom(null, true, 1e308, -1)),
        fc.array(tie("value"), { maxLength: 3 }),
        fc.dictionary(fc.oneof(text, fc.constantFrom(...FIELDS)), tie("value"), { maxKeys: 6 }),
      ),
    }));
    const reply = fc.record({ status: fc.constantFrom(200, 200, 200, 400, 404, 500, 503), value });
    const replies = fc.record({ models: reply, version: reply, tokenize: reply, chat: reply, other: reply });
    await fc.assert(
      fc.asyncProperty(replies, fc.constantFrom("passive", "active" as const), async (played, probe) => {
        const play = ({ status, value: body }: { status: number; value: unknown }) =>
          Response.json(body ?? null, { status });
        const fetch = playFetch({
          "GET /v1/models": () => play(played.models),
          "GET /version": () => play(played.version),
          "POST /tokenize": () => play(played.tokenize),
          "POST /v1/chat/completions": () => play(played.chat),
          "GET *": () => play(played.other),
          "POST *": () => play(played.other),
        });
        const report = await discoverServer({ baseUrl: "http://127.0.0.1:8000", probe, fetch });
        expect(JSON.parse(JSON.stringify(report))).toMatchObject({ state: report.state, kind: report.kind });
      }),
      { numRuns: 300 },
    );
  });

  test("a byte now and then: the deadline ends it", async () => {
    const baseUrl = await serve((_request, response) => {
      response.writeHead(200, { "content-type": "application/json" });
      const drip = setInterval(() => response.write(" "), 10);
      response.on("close", () => clearInterval(drip));
    });
    using clock = stopClock();
    const report = await clock.passUntil(discoverServer({ baseUrl, timeoutMs: 400 }), 10);
    expect(clock.elapsedMs).toBeLessThan(3000);
    expect(report).toMatchObject({
      state: "unreachable",
      error: { code: "REQUEST_TIMEOUT", message: expect.stringMatching(/did not (?:end|answer) in time/) },
    });
  });

  test("headers without an end", async () => {
    const baseUrl = await answerRaw((socket) => {
      socket.write("HTTP/1.1 200 OK\r\n");
      const flood = setInterval(() => socket.write(`X-${Math.random()}: ${"y".repeat(4000)}\r\n`), 1);
      socket.on("close", () => clearInterval(flood));
    });
    expect(await discoverServer({ baseUrl, timeoutMs: 3000 })).toMatchObject({ state: "unreachable", models: [] });
  });

  test.each([
    ["not HTTP", "SSH-2.0-OpenSSH_9.2\r\n"],
    ["a broken status line", "HTTP/9.9 banana\r\n\r\n"],
    ["a length that lies", "HTTP/1.1 200 OK\r\ncontent-length: 5000\r\n\r\n{}"],
    ["chunks that are none", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n"],
    ["nothing", ""],
  ])("%s", async (_name, bytes) => {
    const baseUrl = await answerRaw((socket) => socket.end(bytes));
    const report = await discoverServer({ baseUrl, timeoutMs: 2000 });
    expect(report).toMatchObject({ state: "unreachable", healthy: false, models: [] });
    expect(report.findings[0]?.severity).toBe("error");
  });

  test("control characters, terminal escapes and prototype keys in ids", async () => {
    const body = `{"object":"list","data":[
      {"id":"ok","owned_by":"vllm","max_model_len":65536,"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}},
      {"id":"\\u001b[2J\\u001b]0;pwned\\u0007","owned_by":"vllm"},
      {"id":"__proto__","owned_by":"vllm","max_model_len":65536},
      {"id":"a\\r\\nX-Evil: 1"}]}`;
    const baseUrl = await serve((request, response) => {
      response.writeHead(request.url === "/v1/models" ? 200 : 404, { "content-type": "application/json" });
      response.end(request.url === "/v1/models" ? body : '{"detail":"Not Found"}');
    });
    const report = await discoverServer({ baseUrl });
    expect(report.models.map(({ id }) => id)).toEqual(["ok", "__proto__"]);
    expect(report.findings.filter(({ code }) => code === "MODEL_ID_REFUSED")).toHaveLength(2);
    const texts = report.findings.map(({ message, fix }) => message + fix).join();
    expect(texts).toContain(String.raw`\u001b[2J\u001b]0;pwned\u0007`);
    expect(texts).not.toMatch(/\p{Cc}/u);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });

  test("terminal escapes and direction marks in refusals are shown, not sent to the terminal", async () => {
    const message = "bad \u001b[31m \u009b31m \u202e";
    const refusal = JSON.stringify({ error: { message, type: "BadRequestError", code: 400 } });
    const baseUrl = await serve((request, response) => {
      if (request.url === "/v1/models") return response.end('{"data":[{"id":"m","owned_by":"vllm"}]}');
      if (request.method === "POST") return response.writeHead(400).end(refusal);
      return response.writeHead(404).end();
    });
    const report = await discoverServer({ baseUrl, probe: "active" });
    const [finding] = report.findings;
    expect(finding).toMatchObject({ code: "TEMPLATE_UNUSABLE" });
    expect(finding?.message).toContain(String.raw`bad \u001b[31m \u009b31m \u202e`);
    const texts: string[] = [];
    JSON.stringify(report, (_key, value: unknown) => (typeof value === "string" ? (texts.push(value), value) : value));
    expect(texts.filter((text) => /[\p{Cc}\p{Cf}]/u.test(text))).toEqual([]);
  });

  test("a key never follows a redirect to another server", async () => {
    const stolen: (string | undefined)[] = [];
    const thief = await serve((request, response) => {
      stolen.push(request.headers.authorization);
      response.end("{}");
    });
    const baseUrl = await serve((_request, response) => {
      response.writeHead(307, { location: thief });
      response.end();
    });
    const report = await discoverServer({
      baseUrl,
      apiKey: "sk-secret",
      headers: { "X-Key": "also-secret" },
      probe: "active",
    });
    expect(stolen).toEqual([]);
    expect(report.findings.map(({ code }) => code)).toEqual(["REDIRECTED"]);
    expect(JSON.stringify(report)).not.toMatch(/sk-secret|also-secret/);
  });

  test("a redirect to no address, with a terminal escape in it", async () => {
    const baseUrl = await serve((_request, response) =>
      response.writeHead(302, { location: "http://[\u009b31m" }).end(),
    );
    const report = await discoverServer({ baseUrl });
    expect(report.findings[0]).toMatchObject({ code: "REDIRECTED", message: expect.stringContaining("\\u009b31m") });
    expect(JSON.stringify([report.findings, report.error?.message])).not.toContain("\u009b");
  });

  test("a redirect that goes round in circles", async () => {
    let asked = 0;
    const baseUrl = await serve((request, response) => {
      asked += 1;
      response.writeHead(302, { location: `${request.url}?again` });
      response.end();
    });
    const report = await discoverServer({ baseUrl });
    expect(report).toMatchObject({ state: "wrong-server", access: { redirectedTo: undefined } });
    expect(report.findings[0]?.message).toMatch(/redirects in circles\.$/);
    expect(asked).toBeLessThan(40);
  });
});
