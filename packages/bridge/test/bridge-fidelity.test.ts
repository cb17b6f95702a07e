import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { createBridgeFetch } from "@vllm/bridge/fetch";
import { afterEach, describe, expect, test } from "vitest";
import { portOf, post, readEvents, startBridge, tearDown, TOOLS } from "./bridge-harness.ts";
import { openSocket, readAnswer } from "./raw-request.ts";

const servers: { close(): unknown; closeAllConnections(): void }[] = [];
afterEach(async () => {
  await tearDown();
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

const ASK = { model: "m", messages: [{ role: "user", content: "Hello" }] };
const MODELS = {
  object: "list",
  data: [{ id: "m", object: "model", owned_by: "vllm", root: "m", max_model_len: 4096 }],
};
const SSE = { "content-type": "text/event-stream" };
const JSON_TYPE = { "content-type": "application/json" };

interface Seen {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: Record<string, unknown>;
}

/** A bridge before a server with one model, whose chats are the test's affair. */
async function setUp(chat: (...args: [...Parameters<RequestListener>, Seen]) => void) {
  const seen: Seen[] = [];
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const piece of request) text += String(piece);
    const path = request.url ?? "";
    const body = text === "" ? {} : (JSON.parse(text) as Record<string, unknown>);
    const one = { method: request.method ?? "", path, headers: request.headers, body };
    seen.push(one);
    if (path.endsWith("/chat/completions")) chat(request, response, one);
    else if (path === "/v1/models") response.writeHead(200, JSON_TYPE).end(JSON.stringify(MODELS));
    else if (path === "/version") response.writeHead(200, JSON_TYPE).end('{"version":"0.32.0"}');
    else response.writeHead(404, JSON_TYPE).end('{"detail":"Not Found"}');
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  servers.push(server);
  const upstream = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  const bridge = await startBridge({ upstream });
  const chats = () => seen.filter(({ path, method }) => method === "POST" && path.endsWith("/chat/completions"));
  return { upstream, bridge, baseUrl: bridge.baseUrl ?? "", seen, chats };
}

const chunk = (delta: object, finish: string | null = null, more: object = {}, ofChoice: object = {}) =>
  `data: ${JSON.stringify({ id: "chatcmpl-1", object: "chat.completion.chunk", created: 7, model: "m", ...more, choices: [{ index: 0, delta, finish_reason: finish, ...ofChoice }] })}\n\n`;
const USAGE = {
  prompt_tokens: 9,
  completion_tokens: 5,
  total_tokens: 14,
  completion_tokens_details: { reasoning_tokens: 2, audio_tokens: 0 },
  energy_joules: 3,
};
const END = `data: ${JSON.stringify({ id: "chatcmpl-1", model: "m", choices: [], usage: USAGE })}\n\ndata: [DONE]\n\n`;

describe("errors", () => {
  const refusing = (error: object, status = 400) =>
    setUp((_, response) => response.writeHead(status, JSON_TYPE).end(JSON.stringify({ error })));
  const read = (text: string) => (JSON.parse(text) as { error: { message: string; param: unknown } }).error;

  test.each(["temperature", "messages.0.role", "body.stop", "max_tokens"])("param %s is kept", async (param) => {
    const { baseUrl } = await refusing({ message: "This cannot be.", type: "BadRequestError", param, code: 400 });
    for (const stream of [true, false]) {
      const { status, text } = await post(baseUrl, { ...ASK, stream });
      expect([status, read(text).param]).toEqual([400, param]);
    }
  });

  test("param of an error in the stream is kept", async () => {
    const error = {
      message: "Grammar error: Invalid type: banana",
      type: "BadRequestError",
      param: "tools.0",
      code: 400,
    };
    const { baseUrl } = await setUp((_, response) =>
      response
        .writeHead(200, SSE)
        .end(`${chunk({ content: "Hi" })}data: ${JSON.stringify({ error })}\n\ndata: [DONE]\n\n`),
    );
    expect(readEvents((await post(baseUrl, { ...ASK, stream: true })).text).at(-1)?.error?.param).toBe("tools.0");
    expect(read((await post(baseUrl, ASK)).text).param).toBe("tools.0");
  });

  test("a param that is no field is not repeated", async () => {
    const { baseUrl } = await refusing({ message: "No.", param: "my secret prompt\n", code: 400 });
    expect(read((await post(baseUrl, ASK)).text).param).toBeNull();
  });

  test.each([
    ["temperature must be non-negative, got -1", "temperature must be non-negative, got -1. "],
    ["Not now", "Not now. "],
    ["What is that?", "What is that? "],
    ['Unknown value "x".', 'Unknown value "x". '],
    ["The choices are:", "The choices are. "],
    ["", undefined],
  ])("%j and what to do are two sentences", async (message, start) => {
    const { baseUrl } = await refusing({ message, type: "BadRequestError", param: null, code: 400 });
    const { message: sent } = read((await post(baseUrl, ASK)).text);
    if (start !== undefined) expect(sent).toContain(start);
    expect(sent).toMatch(/[.!?] [A-Z`"-]/);
    expect(sent).not.toMatch(/[a-z0-9] (?:Correct|Look|Ask|Send) /);
  });
});

describe("a whole answer", () => {
  const MESSAGE = { annotations: [{ type: "url" }], refusal: "", provider_note: "ab" };
  const streamed = [
    chunk({ role: "assistant", content: "", annotations: [] }, null, {
      service_tier: "flex",
      x_gateway: { region: "a" },
    }),
    chunk({ content: "Hel", provider_note: "a" }, null, { service_tier: "flex", x_gateway: { region: "a" } }),
    chunk({ content: "lo", provider_note: "b", annotations: [{ type: "url" }] }),
    chunk({}, "stop", { service_tier: "flex", metrics: { queue_ms: 3 } }, { safety: ["none"], stop_reason: null }),
    END,
  ].join("");
  const whole = JSON.stringify({
    id: "chatcmpl-1",
    model: "m",
    service_tier: "flex",
    x_gateway: { region: "a" },
    metrics: { queue_ms: 3 },
    choices: [
      {
        index: 0,
        message: { role: "assistant", content: "Hello", ...MESSAGE },
        finish_reason: "stop",
        safety: ["none"],
      },
    ],
    usage: USAGE,
  });

  test.each([
    ["streamed by the server", SSE, streamed],
    ["that comes whole", JSON_TYPE, whole],
  ])("keeps the fields that nobody knows: %s", async (_, headers, body) => {
    const { baseUrl } = await setUp((__, response) => response.writeHead(200, headers).end(body));
    const answer = JSON.parse((await post(baseUrl, ASK)).text) as Record<string, unknown>;
    expect(answer).toMatchObject({
      service_tier: "flex",
      x_gateway: { region: "a" },
      metrics: { queue_ms: 3 },
      usage: USAGE,
      choices: [
        { message: { content: "Hello", provider_note: "ab", annotations: [{ type: "url" }] }, safety: ["none"] },
      ],
    });
    expect(answer["usage"]).toEqual(USAGE);
    expect((answer["choices"] as object[])[0]).not.toHaveProperty("delta");
  });

  test("has nothing of an answer that was asked for again", async () => {
    const call = (text: string) => ({
      tool_calls: [{ index: 0, id: "a", function: { name: TOOLS[0]?.function.name, arguments: text } }],
    });
    let times = 0;
    const { baseUrl } = await setUp((_, response) => {
      times += 1;
      const text = times === 1 ? '{"a":' : "{}";
      response.writeHead(200, SSE).end(chunk(call(text), "tool_calls", { [`x_${times}`]: 1 }) + END);
    });
    const answer = JSON.parse((await post(baseUrl, { ...ASK, tools: TOOLS })).text) as object;
    expect(answer).toHaveProperty("x_2");
    expect(answer).not.toHaveProperty("x_1");
  });

  test("usage in a stream is kept as it is", async () => {
    const { baseUrl } = await setUp((_, response) =>
      response.writeHead(200, SSE).end(chunk({ content: "Hi" }, "stop") + END),
    );
    const { text } = await post(baseUrl, { ...ASK, stream: true, stream_options: { include_usage: true } });
    expect(readEvents(text).at(-1)?.usage).toEqual(USAGE);
  });
});

describe("a forced call that the caller's own limit cuts", () => {
  const name = TOOLS[0]?.function.name;
  const FORCED = { ...ASK, tools: TOOLS, max_tokens: 5 };
  const cutCall = (finish: string) =>
    chunk(
      { tool_calls: [{ index: 0, id: "a", type: "function", function: { name, arguments: '{"city": "Par' } }] },
      finish,
    ) + END;

  test.each([
    ["required", "length"],
    [{ type: "function", function: { name } }, "length"],
    // vLLM up to 0.30.
    ["required", "tool_calls"],
  ])("with tool_choice %j and the server's %j is 200 with length, and no call", async (choice, finish) => {
    const { baseUrl, chats } = await setUp((_, response) => response.writeHead(200, SSE).end(cutCall(finish)));
    for (const limit of [{ max_tokens: 5 }, { max_tokens: undefined, max_completion_tokens: 5 }]) {
      const { status, text } = await post(baseUrl, { ...FORCED, ...limit, tool_choice: choice });
      expect(status).toBe(200);
      const [whole] = (JSON.parse(text) as { choices: { message: object; finish_reason: string }[] }).choices;
      expect(whole?.finish_reason).toBe("length");
      expect(whole?.message).not.toHaveProperty("tool_calls");
      const events = readEvents((await post(baseUrl, { ...FORCED, ...limit, tool_choice: choice, stream: true })).text);
      const choices = events.flatMap((event) => event.choices ?? []);
      expect(choices.at(-1)?.finish_reason).toBe("length");
      expect(choices.some(({ delta }) => "tool_calls" in delta)).toBe(false);
    }
    // Nothing is asked for twice.
    expect(chats()).toHaveLength(4);
  });

  test("calls before it that are whole are kept", async () => {
    const whole = { index: 0, id: "a", type: "function", function: { name, arguments: '{"city": "Rome"}' } };
    const cut = { index: 1, id: "b", type: "function", function: { name, arguments: '{"ci' } };
    const { baseUrl } = await setUp((_, response) =>
      response.writeHead(200, SSE).end(chunk({ tool_calls: [whole, cut] }, "length") + END),
    );
    const { text } = await post(baseUrl, { ...FORCED, tool_choice: "required" });
    expect(JSON.parse(text)).toMatchObject({
      choices: [
        {
          finish_reason: "length",
          message: { tool_calls: [{ id: "a", function: { arguments: '{"city": "Rome"}' } }] },
        },
      ],
    });
  });

  test.each<[string, object]>([
    ["a call that is not forced", { tool_choice: "auto" }],
    ["a limit that is the window's", { tool_choice: "required", max_tokens: undefined }],
  ])("%s is asked for again, and then an error", async (_, fields) => {
    const { baseUrl, chats } = await setUp((__, response) => response.writeHead(200, SSE).end(cutCall("length")));
    expect((await post(baseUrl, { ...FORCED, ...fields })).status).toBe(502);
    expect(chats()).toHaveLength(2);
  });
});

describe("headers", () => {
  const hello = (...[, response]: Parameters<RequestListener>) =>
    void response.writeHead(200, SSE).end(chunk({ content: "Hi" }, "stop") + END);

  test("a value that is not ASCII does not fail a chat; the others are forwarded", async () => {
    const { bridge, chats } = await setUp(hello);
    const body = JSON.stringify(ASK);
    for (const value of ["Jürgen", "東京", "caf\u00e9", "\u00a0"]) {
      const socket = openSocket(portOf(bridge));
      socket.write(
        `POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\nx-user: ${value}\r\nx-team: a\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`,
      );
      expect((await readAnswer(socket)).status).toBe(200);
    }
    expect(chats().map(({ headers }) => headers["x-team"])).toEqual(["a", "a", "a", "a"]);
  });

  test("nor does it fail one through the fetch", async () => {
    const { upstream } = await setUp(hello);
    const response = await createBridgeFetch()(`${upstream}/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-user": "caf\u00e9" },
      body: JSON.stringify(ASK),
    });
    expect(response.status).toBe(200);
  });

  test("what a page of another site embeds is refused, on every route", async () => {
    const { baseUrl, seen } = await setUp(hello);
    const ask = (path: string, headers: Record<string, string>, method = "GET") => {
      const body = method === "POST" ? JSON.stringify({ ...ASK, max_tokens: 7 }) : null;
      return fetch(`${baseUrl}${path}`, { method, headers, body }).then(({ status }) => status);
    };
    expect(await ask("/models", { "sec-fetch-site": "cross-site" })).toBe(403);
    expect(await ask("/embeddings", { "sec-fetch-site": "cross-site" }, "POST")).toBe(403);
    expect(await ask("/chat/completions", { "sec-fetch-site": "cross-site" }, "POST")).toBe(403);
    // The bridge's own probes ask for no embeddings, and limit no chat to 7 tokens.
    expect(seen.some(({ path, body }) => path === "/v1/embeddings" || body["max_tokens"] === 7)).toBe(false);
    for (const site of ["none", "same-origin", "same-site"]) {
      expect(await ask("/models", { "sec-fetch-site": site })).toBe(200);
    }
  });

  test("a page whose origin was allowed may ask from another site", async () => {
    const { upstream } = await setUp(hello);
    const bridge = await startBridge({ upstream, allowOrigins: ["https://app.example"] });
    const headers = { "sec-fetch-site": "cross-site", origin: "https://app.example" };
    expect((await fetch(`${bridge.baseUrl}/models`, { headers })).status).toBe(200);
  });
});

describe("probes", () => {
  /** Each round of probes asks for the version once; the list of models is also what a 404 is explained by. */
  const probes = (seen: readonly Seen[]) => seen.filter(({ path }) => path === "/version").length;
  const failing = (status: number, message: string, type: string) =>
    setUp((_, response) =>
      response.writeHead(status, JSON_TYPE).end(JSON.stringify({ error: { message, type, code: status } })),
    );
  const OVERFLOW =
    "This model's maximum context length is 4096 tokens. However, your prompt contains at least 4097 input tokens.";

  test.each([
    ["overflows", 400, OVERFLOW, "m"],
    ["unknown models", 404, "The model `x` does not exist.", "x"],
  ])("%s start none: they say what is known", async (_, status, message, model) => {
    const { baseUrl, seen } = await failing(status, message, "BadRequestError");
    expect((await post(baseUrl, { ...ASK, model })).status).toBe(status);
    const before = probes(seen);
    for (let times = 0; times < 12; times += 1) await post(baseUrl, { ...ASK, model });
    expect(probes(seen)).toBe(before);
  });

  test("one that names another window starts one probe, not one each time", async () => {
    const { baseUrl, seen } = await failing(400, OVERFLOW.replaceAll("4096", "2048"), "BadRequestError");
    await post(baseUrl, ASK);
    await post(baseUrl, ASK);
    await expect.poll(() => probes(seen)).toBe(2);
    for (let times = 0; times < 12; times += 1) await post(baseUrl, ASK);
    expect(probes(seen)).toBe(2);
  });
});
