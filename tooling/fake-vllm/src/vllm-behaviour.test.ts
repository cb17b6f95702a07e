import { describe, expect, test } from "vitest";
import { listFixtures, loadFixture, type Fixture } from "@vllm-tooling/fixtures";
import { toReceivedRequest } from "./received-request.ts";
import { readText, type Reply } from "./reply.ts";
import { createVllmBehaviour } from "./vllm-behaviour.ts";

const create = (config: string, apiKey?: string) =>
  createVllmBehaviour({ config, scenario: "demo", apiKey, countRunning: () => 3 });
const lab = create("0.32.0/lab");

function ask(
  behaviour: { answer: (request: ReturnType<typeof toReceivedRequest>) => Reply },
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Reply {
  const bodyText = body === undefined ? "" : typeof body === "string" ? body : JSON.stringify(body);
  return behaviour.answer(
    toReceivedRequest({ method, path, headers: { "content-type": "application/json", ...headers }, bodyText }),
  );
}

function replay({ request }: Fixture): Reply {
  const headers = Object.fromEntries(request.headers.map(([name, value]) => [name.toLowerCase(), value]));
  return ask(lab, request.method, request.path, request.bodyText ?? request.body, headers);
}

const chat = (body: object) =>
  ask(lab, "POST", "/v1/chat/completions", {
    model: "lab/tiny",
    messages: [{ role: "user", content: "Hello" }],
    ...body,
  });
const hello = { role: "user", content: "Hello" };
const chatLike = (body: object) => ({ messages: [hello], ...body });
const errorOf = (reply: Reply) => (JSON.parse(readText(reply)) as { error: { message: string; code: number } }).error;

const hasWholeBody = ({ request }: Fixture) => !("bodyNote" in request);
const isComputed = ({ request }: Fixture) => /^\/(?:tokenize|detokenize|load|metrics)/.test(request.path);

describe("asked again what the lab was asked", () => {
  const recorded = listFixtures({ version: "0.32.0", config: "lab" }).map(({ id }) => loadFixture(id));

  test.each(recorded.filter((fixture) => hasWholeBody(fixture) && fixture.response.status >= 400))(
    "$id is refused in the same words",
    (fixture) => {
      const reply = replay(fixture);
      expect(reply.status).toBe(fixture.response.status);
      if (fixture.request.method !== "HEAD") {
        expect(readText(reply)).toBe(new TextDecoder().decode(fixture.response.body));
      }
    },
  );

  test.each(
    recorded.filter(
      (fixture) =>
        hasWholeBody(fixture) &&
        !isComputed(fixture) &&
        fixture.response.status === 200 &&
        fixture.response.end === "complete",
    ),
  )("$id is answered with the same bytes", (fixture) => {
    const reply = replay(fixture);
    expect(reply.status).toBe(200);
    const isSame = readText(reply) === new TextDecoder().decode(fixture.response.body);
    // Where the same request was recorded twice, either answer is right.
    expect(
      isSame ||
        recorded.some(
          (other) =>
            other.id === reply.source && JSON.stringify(other.request.body) === JSON.stringify(fixture.request.body),
        ),
    ).toBe(true);
  });
});

describe("refusals", () => {
  test("name the model that was asked for", () => {
    expect(errorOf(chat({ model: "meta/llama" })).message).toBe(
      "The model `meta/llama` does not exist. Valid aliases: lab/tiny.",
    );
    expect(errorOf(ask(lab, "POST", "/tokenize", { model: "x$&y", prompt: "a" })).message).toContain("`x$&y`");
  });

  test("are JSON, whatever the model is called", () => {
    expect(errorOf(chat({ model: 'x"y\\n' })).message).toContain('`x"y\\n`');
  });

  test("have a content-length that fits the replaced words", () => {
    const reply = chat({ model: "a-very-long-name-of-a-model" });
    expect(reply.headers).toContainEqual(["content-length", String(Buffer.byteLength(readText(reply)))]);
  });

  test("name the max_tokens that was asked for", () => {
    expect(errorOf(chat({ max_tokens: 32769 })).message).toContain(
      "max_tokens=32769 cannot be greater than max_model_len=32768",
    );
    expect(chat({ max_tokens: 32768 }).status).toBe(200);
    expect(errorOf(chat({ max_completion_tokens: 50000 })).message).toContain("max_completion_tokens=50000");
  });

  test("meet a data-parallel rank that the server does not have, after everything else", () => {
    const ranked = (body: object, rank: string) =>
      ask(lab, "POST", "/v1/chat/completions", body, { "x-data-parallel-rank": rank });
    const body = { model: "lab/tiny", messages: [{ role: "user", content: "Hello" }] };
    expect(errorOf(ranked(body, "7")).message).toBe("data_parallel_rank 7 is out of range [0, 1).");
    expect(errorOf(ranked({ ...body, max_tokens: 32769 }, "7")).message).toContain("max_tokens=32769");
    expect(ranked(body, "0").status).toBe(200);
  });

  test("meet a prompt of more words than the context has tokens", () => {
    const reply = chat({ messages: [{ role: "user", content: "word ".repeat(33_000) }] });
    expect(errorOf(reply).message).toContain("maximum context length is 32768 tokens");
    const longer = chat({ messages: [{ role: "user", content: "x".repeat(1_000_000) }] });
    expect(errorOf(longer).message).toContain("your prompt contains 1000050 characters");
  });

  test.each([
    [
      "0.32.0/no-tool-parser",
      undefined,
      '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set',
    ],
    ["0.32.0/no-tool-parser", "required", 'tool_choice="required" requires --tool-call-parser to be set'],
    ["0.24.0/api-key-no-tool-parser", "auto", '"auto" tool choice requires'],
  ])("%s has no tool parser: tool_choice %s", (config, tool_choice, words) => {
    const tools = [{ type: "function", function: { name: "f", parameters: { type: "object" } } }];
    const messages = [{ role: "user", content: "Hi" }];
    const body = { model: "tiny", messages, tools, ...(tool_choice === undefined ? {} : { tool_choice }) };
    expect(errorOf(ask(create(config), "POST", "/v1/chat/completions", body)).message).toContain(words);
  });

  test("come with the same fault, whatever else is asked for", () => {
    const tools = [{ type: "function", function: { name: "f", parameters: { type: "object" } } }];
    expect(errorOf(chat({ response_format: { type: "banana" }, top_p: 0.5, tools })).message).toContain(
      "response_format",
    );
    expect(chat({ response_format: { type: "text" } }).status).toBe(200);
    expect(errorOf(chat({ tools, tool_choice: "sometimes" })).message).toContain("`tool_choice`: sometimes!");
    expect(errorOf(chat({ tools, tool_choice: { type: "function" } })).message).toContain("`function`: `None`");
  });

  test.each([
    [{ temperature: -0.5 }, "temperature must be non-negative, got -0.5. (parameter=temperature, value=-0.5)"],
    [{ temperature: 3 }, "temperature must be in [0, 2], got 3.0. (parameter=temperature, value=3.0)"],
    [{ top_p: 1.5 }, "top_p must be in (0, 1], got 1.5. (parameter=top_p, value=1.5)"],
    [{ top_k: -7 }, "top_k must be 0 (disable), or at least 1, got -7."],
    [{ n: -3 }, "n must be at least 1, got -3."],
    [{ n: 3, temperature: 0 }, "n must be 1 when using greedy sampling, got 3."],
    [{ max_tokens: -2 }, "max_tokens must be at least 1, got -2. (parameter=max_tokens, value=-2)"],
    [
      { logprobs: true, top_logprobs: 21 },
      "Requested sample logprobs of 21, which is greater than max allowed: 20 (parameter=logprobs, value=21)",
    ],
  ])("name the number that is out of range: %j", (body, message) => {
    expect(errorOf(chat(body)).message).toBe(message);
  });

  test.each([
    ["the request's fields before the model", { model: "nope", tools: [] }, "`tools` must not be an empty array"],
    ["the model before the prompt", { model: "nope", messages: [] }, "The model `nope` does not exist"],
    [
      "the room before the prompt",
      { max_tokens: 99_999, messages: [{ role: "user" }, { role: "system", content: "x" }] },
      "max_tokens=99999 cannot be greater",
    ],
    [
      "the prompt before the numbers",
      { temperature: -1, messages: [{ role: "user" }, { role: "system", content: "x" }] },
      "System message must be at the beginning.",
    ],
  ])("come in vLLM's order: %s", (_order, body, words) => {
    expect(errorOf(chat(body)).message).toContain(words);
  });

  test.each([
    ["messages that are no list", { messages: "Hello" }, "body.messages"],
    ["a message that is none", { messages: [null] }, "body.messages.0"],
    ["a message without a role", { messages: [{ content: "Hello" }] }, "role"],
    ["a call without a function", { messages: [{ role: "assistant", tool_calls: [{ id: "a" }] }] }, "function"],
    ["half a character", { messages: [{ role: "user", content: "a\ud800" }] }, "TextEncodeInput"],
    ["a model that is a number", { model: 7 }, "body.model"],
  ])("meet %s", (_case, body, words) => {
    expect(errorOf(chat(body)).message).toContain(words);
    expect(ask(lab, "POST", "/tokenize", { model: "lab/tiny", ...chatLike(body) }).status).toBe(400);
  });

  test.each(["/v1/chat/completions", "/tokenize", "/detokenize", "/v1/completions"])("of %s: type and body", (path) => {
    const form = ask(lab, "POST", path, "{}", { "content-type": "application/x-www-form-urlencoded" });
    expect(errorOf(form).message).toContain("Unsupported Media Type");
    expect(errorOf(ask(lab, "POST", path, '{"model":')).message).toContain("JSON decode error");
    expect(errorOf(ask(lab, "POST", path, "5")).message).toContain("valid dictionary or object");
    expect(
      errorOf(ask(lab, "POST", path, { model: "nope", prompt: "x", tokens: [1], messages: [hello] })).message,
    ).toBe("The model `nope` does not exist. Valid aliases: lab/tiny.");
  });

  test("a content type is one in capitals too, with a charset", () => {
    const body = { model: "lab/tiny", messages: [hello] };
    const headers = { "content-type": "Application/JSON; charset=utf-8" };
    expect(ask(lab, "POST", "/v1/chat/completions", body, headers).status).toBe(200);
  });

  test("hold only for the versions that refuse: tools: [] was fine in 0.10.2", () => {
    const body = { model: "tiny", messages: [{ role: "user", content: "Hello" }], tools: [] };
    expect(ask(create("0.10.2/small"), "POST", "/v1/chat/completions", body).status).toBe(200);
    expect(chat({ tools: [] }).status).toBe(400);
  });
});

describe("routes", () => {
  test.each([
    ["GET", "/health", 200],
    ["GET", "/ping", 200],
    ["GET", "/v1/models", 200],
    ["GET", "/v1/models?x=1", 200],
    ["GET", "/openapi.json", 200],
    ["GET", "/v1/models/", 307],
    ["DELETE", "/v1/models/", 307],
    ["POST", "/v1/chat/completions/", 307],
    ["GET", "/health/", 307],
    ["GET", "/nothing/", 404],
    ["HEAD", "/health", 405],
    ["HEAD", "/docs", 200],
    ["HEAD", "/metrics", 200],
    ["POST", "/metrics", 200],
    ["GET", "/kv_event_sources", 200],
    ["GET", "/is_sleeping", 404],
    ["DELETE", "/v1/responses/abc", 405],
    ["GET", "/", 404],
    ["GET", "/v1/v1/models", 404],
    ["GET", "/models", 404],
    ["POST", "/v1/embeddings", 404],
    ["GET", "/v1/chat/completions", 405],
    ["GET", "/invocations", 405],
    ["POST", "/v1/models", 405],
    ["DELETE", "/health", 405],
    ["OPTIONS", "/v1/chat/completions", 405],
    ["OPTIONS", "/nothing", 404],
  ])("%s %s: %i", (method, path, status) => {
    expect(ask(lab, method, path).status).toBe(status);
  });

  test.each([
    ["DELETE", "/health", "GET"],
    ["POST", "/v1/models", "GET"],
    ["DELETE", "/ping", "GET"],
    ["GET", "/v1/chat/completions", "POST"],
    ["PUT", "/docs", "GET, HEAD"],
  ])("%s %s is answered with the method that is allowed: %s", (method, path, allowed) => {
    expect(ask(lab, method, path).headers).toContainEqual(["allow", allowed]);
  });

  test("an old version has the routes of its time", () => {
    const body = { model: "tiny", messages: [hello], max_tokens: 5 };
    expect(ask(create("0.10.2/small"), "POST", "/v1/messages", body).status).toBe(404);
    expect(ask(create("0.24.0/small"), "POST", "/v1/messages", body).status).toBe(200);
  });

  test("a route that no server was asked for says so", () => {
    expect(() => ask(lab, "POST", "/v1/chat/completions/batch", {})).toThrow(
      "Nothing was recorded for POST /v1/chat/completions/batch.",
    );
  });

  test("each version says its own", () => {
    for (const [config, version] of [
      ["0.32.0/lab", "0.32.0"],
      ["0.32.0/vision", "0.32.0"],
      ["0.24.0/small", "0.24.0"],
      ["0.10.2/small", "0.10.2"],
      ["0.9.2/old", "0.9.2"],
    ] as const) {
      expect(JSON.parse(readText(ask(create(config), "GET", "/version")))).toEqual({ version });
    }
  });

  test("browsers are let in up to 0.31 and refused from 0.32 on", () => {
    const preflight = { origin: "http://localhost:3000", "access-control-request-method": "POST" };
    expect(ask(create("0.24.0/small"), "OPTIONS", "/v1/chat/completions", undefined, preflight).status).toBe(200);
    expect(ask(lab, "OPTIONS", "/v1/chat/completions", undefined, preflight).status).toBe(400);
  });

  test("a redirect leads back to the server that was asked", () => {
    const reply = ask(lab, "GET", "/v1/models/", undefined, { host: "127.0.0.1:4711" });
    expect(reply.headers).toContainEqual(["location", "http://127.0.0.1:4711/v1/models"]);
    const withQuery = ask(lab, "POST", "/tokenize/?a=1", {}, { host: "gpu:8000" });
    expect(withQuery.headers).toContainEqual(["location", "http://gpu:8000/tokenize?a=1"]);
  });

  test("/load and /metrics count what is running", () => {
    expect(readText(ask(lab, "GET", "/load"))).toBe('{"server_load":3}');
    expect(readText(ask(lab, "GET", "/metrics"))).toMatch(/^vllm:num_requests_running\{.*\} 3\.0$/m);
  });

  test("what is tokenized can be detokenized, tools and thinking switch included", () => {
    const body = {
      model: "lab/tiny",
      messages: [{ role: "user", content: "nonce-😀-1" }],
      chat_template_kwargs: { enable_thinking: false },
    };
    const answer = JSON.parse(readText(ask(lab, "POST", "/tokenize", body))) as {
      tokens: number[];
      count: number;
      max_model_len: number;
    };
    expect(answer.count).toBe(answer.tokens.length);
    expect(answer.max_model_len).toBe(32768);
    expect(JSON.parse(readText(ask(lab, "POST", "/detokenize", { tokens: answer.tokens })))).toEqual({
      prompt: "<|im_start|>user\nnonce-😀-1<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n",
    });
    expect(readText(ask(lab, "POST", "/detokenize", { tokens: [0x11_00_00] }))).toBe('{"prompt":""}');
  });

  test("a configuration that was never recorded is told at once, with those that were", () => {
    expect(() => create("9.9.9/none")).toThrow(
      /Nothing was recorded with the configuration "9\.9\.9\/none"\. There is .*0\.32\.0\/lab/,
    );
  });
});
