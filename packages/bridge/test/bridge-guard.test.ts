import { afterEach, describe, expect, test } from "vitest";
import { tearDown } from "./bridge-harness.ts";
import { eventsOf, recordedStream, setUpGuarded, WINDOW, type Body, type Reply } from "./guarded-upstream.ts";

afterEach(tearDown);

/** The same request on both routes. */
const ROUTES = {
  messages: {
    path: "/v1/messages?beta=true",
    request: (change: Body = {}): Body => ({
      model: "org/m",
      max_tokens: 400,
      stream: true,
      system: "Be brief.",
      tools: [{ name: "get_weather", description: "w", input_schema: { type: "object" } }],
      messages: [{ role: "user", content: "Weather?" }],
      ...change,
    }),
    conversation: (text: string): Body => ({
      messages: [
        { role: "user", content: "Hi" },
        { role: "assistant", content: [{ type: "text", text }] },
        { role: "user", content: "Go on" },
      ],
    }),
    system: (text: string): Body => ({ system: [{ type: "text", text }] }),
    callStart: 'event: content_block_start\ndata: {"type":"content_block_start","content_block":{"type":"tool_use"',
    callDelta: "input_json_delta",
    end: "message_stop",
    failure: "error",
  },
  responses: {
    path: "/v1/responses",
    request: (change: Body = {}): Body => ({
      model: "org/m",
      max_output_tokens: 400,
      stream: true,
      instructions: "Be brief.",
      tools: [{ type: "function", name: "get_weather", description: "w", parameters: { type: "object" } }],
      input: "Weather?",
      ...change,
    }),
    conversation: (text: string): Body => ({
      input: [
        { role: "user", content: "Hi" },
        { type: "message", role: "assistant", content: [{ type: "output_text", text }] },
        { role: "user", content: "Go on" },
      ],
    }),
    system: (text: string): Body => ({ instructions: text }),
    callStart: 'event: response.output_item.added\ndata: {"item":{"arguments"',
    callDelta: "response.function_call_arguments.delta",
    end: "response.completed",
    failure: "response.failed",
  },
} as const;

type RouteName = keyof typeof ROUTES;

describe.each(["messages", "responses"] as const)("%s: tool calls", (name) => {
  const { path, request, callStart, callDelta, end, failure } = ROUTES[name];
  const recorded = (what: string) => recordedStream(`${name}-${what}.sse`);

  test.each(["weather", "hello"])("a good answer is the same, byte for byte: %s", async (what) => {
    const { ask, log, bodies } = await setUpGuarded([recorded(what)]);
    const answer = await ask(path, request());
    expect(answer.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    expect(await answer.text()).toBe(recorded(what));
    expect(bodies).toEqual([request()]);
    expect(log).toMatchObject([
      {
        model: "lab/tiny",
        isStreamed: true,
        promptTokens: expect.any(Number),
        completionTokens: expect.any(Number),
        isOpening: true,
        attempts: 1,
        changes: [],
        ending: "ok",
      },
    ]);
    expect(log[0]?.firstTokenMs).toBeGreaterThan(0);
  });

  test("nothing of a call comes before the whole answer is there", async () => {
    const text = recorded("weather");
    const middle = text.lastIndexOf(callDelta);
    let finish = () => {};
    const { ask } = await setUpGuarded([
      (response) => {
        response.writeHead(200, { "content-type": "text/event-stream" }).write(text.slice(0, middle));
        finish = () => response.end(text.slice(middle));
      },
    ]);
    const reader = (await ask(path, request())).body!.pipeThrough(new TextDecoderStream()).getReader();
    const before = text.slice(0, text.indexOf(callStart));
    let seen = "";
    while (seen.length < before.length) seen += (await reader.read()).value ?? "";
    expect(seen).toBe(before);
    finish();
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) seen += piece.value;
    expect(seen).toBe(text);
  });

  test.each(["unclosed", "cut"])("a broken call is asked for once more: %s", async (what) => {
    const { ask, log, bodies } = await setUpGuarded([recorded(what), recorded("weather")]);
    const text = await (await ask(path, request())).text();
    expect(bodies).toHaveLength(2);
    const events = eventsOf(text);
    const started = events.filter(({ type }) => /start$|created$|added$/.test(String(type)));
    expect(events.filter(({ type }) => type === "message_start" || type === "response.created")).toHaveLength(1);
    expect(events.at(-1)?.["type"]).toBe(end);
    expect(text.split("get_weather").length).toBeGreaterThan(1);
    const places = started
      .map((event) => event["index"] ?? event["output_index"])
      .filter((place) => place !== undefined);
    expect([...new Set(places)]).toEqual(Array.from({ length: new Set(places).size }, (_, index) => index));
    const numbers = events.map((event) => event["sequence_number"]).filter((number) => number !== undefined);
    expect(numbers).toEqual(numbers.map((_, index) => index));
    expect(log).toMatchObject([{ attempts: 2, retriedCalls: 1, ending: "ok", changes: ["asked again: broken call"] }]);
  });

  test("broken twice: the stream ends with an error, and nothing of a call was in it", async () => {
    const { ask, log, bodies } = await setUpGuarded([recorded("cut")]);
    const text = await (await ask(path, request())).text();
    expect(bodies).toHaveLength(2);
    expect(text).not.toContain(callDelta);
    const last = eventsOf(text).at(-1);
    expect(last?.["type"]).toBe(failure);
    expect(JSON.stringify(last)).toMatch(/not complete, twice; it was not handed over and must not be run\. Raise/);
    expect(log).toMatchObject([{ ending: "STREAM_MALFORMED" }]);
  });

  test("an answer that breaks off while a call is held", async () => {
    const text = recorded("weather");
    const { ask, log } = await setUpGuarded([text.slice(0, text.lastIndexOf(callDelta))]);
    const answer = await (await ask(path, request())).text();
    expect(answer).not.toContain(callDelta);
    expect(eventsOf(answer).at(-1)?.["type"]).toBe(failure);
    expect(log).toMatchObject([{ ending: "STREAM_ENDED_EARLY" }]);
  });
});

test("messages: the model hears what was wrong, as the result of its call", async () => {
  const { path, request } = ROUTES.messages;
  const { ask, bodies } = await setUpGuarded([
    recordedStream("messages-cut.sse"),
    recordedStream("messages-hello.sse"),
  ]);
  await (await ask(path, request())).text();
  const id = expect.stringMatching(/^chatcmpl-tool-/);
  expect((bodies[1]!["messages"] as Body[]).slice(1)).toEqual([
    {
      role: "assistant",
      content: [
        { type: "text", text: "\n\nLet me check. " },
        { type: "tool_use", id, name: "get_weather", input: {} },
      ],
    },
    {
      role: "user",
      content: [
        { type: "tool_result", tool_use_id: id, is_error: true, content: expect.stringContaining("truncated") },
      ],
    },
  ]);
});

test("responses: the model hears what was wrong, as the output of its call; the items of both answers are the answer", async () => {
  const { path, request } = ROUTES.responses;
  const { ask, bodies } = await setUpGuarded([
    recordedStream("responses-unclosed.sse"),
    recordedStream("responses-weather.sse"),
  ]);
  const events = eventsOf(await (await ask(path, request())).text());
  const callId = expect.stringMatching(/^chatcmpl-tool-/);
  expect(bodies[1]?.["input"]).toEqual([
    { role: "user", content: "Weather?" },
    { role: "assistant", content: "\n\nSure. " },
    { type: "function_call", call_id: callId, name: "get_weather", arguments: "{}" },
    { type: "function_call_output", call_id: callId, output: expect.stringContaining("not a JSON object") },
  ]);
  const { response: last } = events.at(-1) as { response: { id: string; output: { type: string }[] } };
  const { response: first } = events[0] as { response: { id: string } };
  expect(last.id).toBe(first.id);
  expect(last.output.map(({ type }) => type)).toEqual([
    "reasoning",
    "message",
    "reasoning",
    "message",
    "function_call",
  ]);
});

describe.each(["messages", "responses"] as const)("%s, not streamed", (name) => {
  const { path, request } = ROUTES[name];
  const field = name === "messages" ? "max_tokens" : "max_output_tokens";
  const whole = recordedStream(`${name}-weather.json`);

  test("a good call is the same", async () => {
    const { ask, bodies, log } = await setUpGuarded([whole]);
    expect(await (await ask(path, request({ stream: false }))).text()).toBe(whole);
    expect(bodies).toHaveLength(1);
    expect(log).toMatchObject([{ model: "lab/tiny", promptTokens: 116, completionTokens: 61 }]);
  });

  test("a call that took all of the output is asked for once more", async () => {
    const good = JSON.stringify(name === "messages" ? { content: [{ type: "text", text: "ok" }] } : { output: [] });
    const { ask, bodies } = await setUpGuarded([whole, good]);
    expect(await (await ask(path, request({ stream: false, [field]: 61 }))).text()).toBe(good);
    expect(bodies).toHaveLength(2);
    const twice = await setUpGuarded([whole]);
    const refused = await twice.ask(path, request({ stream: false, [field]: 61 }));
    expect([refused.status, refused.headers.get("x-should-retry")]).toEqual([502, "false"]);
    expect(await refused.text()).not.toContain("Paris");
  });
});

describe.each(["messages", "responses"] as const)("%s: what a request asks for", (name) => {
  const { path, request, system } = ROUTES[name];
  const hello = recordedStream(`${name}-hello.sse`);
  const field = name === "messages" ? "max_tokens" : "max_output_tokens";

  test("more output than the window holds is lowered", async () => {
    const { ask, bodies, log } = await setUpGuarded([hello]);
    await (await ask(path, request({ [field]: 32_000 }))).text();
    expect(bodies[0]?.[field]).toBe(name === "messages" ? WINDOW - 1 : undefined);
    expect(log[0]?.changes).toEqual([expect.stringMatching(`^${field} 32000 `)]);
  });

  test("a server that refuses prompt and output together gets what is left", async () => {
    const sum = `This model's maximum context length is 1000 tokens. However, you requested 1100 tokens (700 in the messages, 400 in the completion). Please reduce the length of the messages or completion.`;
    const refused: Reply = {
      status: 400,
      body: { error: { message: sum, type: "BadRequestError", param: null, code: 400 } },
    };
    const { ask, bodies } = await setUpGuarded([refused, hello]);
    expect((await ask(path, request())).status).toBe(200);
    expect(bodies.map((body) => body[field])).toEqual([400, 300]);
  });

  test("a template without a system message gets the prompt in the first user message", async () => {
    const { ask, bodies, log } = await setUpGuarded([hello], {}, { refusesSystem: true });
    await (await ask(path, request(system("Be brief.")))).text();
    expect(bodies[0]).not.toHaveProperty("system");
    expect(bodies[0]).not.toHaveProperty("instructions");
    expect(bodies[0]?.["messages"] ?? bodies[0]?.["input"]).toEqual([
      {
        role: "user",
        content: [expect.objectContaining({ text: "Be brief." }), expect.objectContaining({ text: "Weather?" })],
      },
    ]);
    expect(log[0]?.changes).toEqual(["the system prompt sent in front of the first user message"]);
  });

  test("a dry run changes nothing", async () => {
    const { ask, bodies } = await setUpGuarded([recordedStream(`${name}-cut.sse`)], { dryRun: true });
    expect(await (await ask(path, request({ [field]: 32_000 }))).text()).toBe(recordedStream(`${name}-cut.sse`));
    expect(bodies).toEqual([request({ [field]: 32_000 })]);
  });
});

const OVERFLOW: Reply = {
  status: 400,
  body: {
    error: {
      message: `This model's maximum context length is ${WINDOW} tokens. However, your prompt contains at least ${WINDOW + 1} input tokens, which exceeds this limit even without any output tokens. Please reduce the length of the input prompt. (parameter=input_tokens, value=${WINDOW + 1})`,
      type: "BadRequestError",
      param: "input_tokens",
      code: 400,
    },
  },
};
/** Words by which agents know that they should compact. */
const COMPACTS = /prompt is too long|maximum context length|context_length_exceeded|context window|exceeds/;

describe.each<[RouteName, string, Record<string, string>, object, object | undefined]>([
  [
    "messages",
    "Claude Code",
    { "user-agent": "claude-cli/2.1.332 (external, cli)" },
    {
      type: "error",
      error: { type: "invalid_request_error", message: `prompt is too long: ${WINDOW + 1} tokens > ${WINDOW} maximum` },
    },
    {
      type: "error",
      error: { type: "invalid_request_error", message: `prompt is too long: 5003 tokens > ${WINDOW} maximum` },
    },
  ],
  [
    "messages",
    "another agent",
    {},
    { type: "error", error: { message: expect.stringMatching(/^prompt is too long/) } },
    undefined,
  ],
  ["responses", "Codex", {}, { error: { code: "context_length_exceeded" } }, undefined],
])("%s: what does not fit, told to %s", (name, _agent, headers, forConversation, forOwnPrompt) => {
  const { path, request, conversation, system } = ROUTES[name];

  test("the conversation", async () => {
    const { ask, bodies, log } = await setUpGuarded([OVERFLOW]);
    const answer = await ask(path, request(conversation("x".repeat(5000))), headers);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject(forConversation);
    expect(bodies).toHaveLength(1);
    expect(log).toMatchObject([{ ending: "CONTEXT_LENGTH_EXCEEDED" }]);
  });

  test.each([
    ["at once", {}],
    ["in the middle of a conversation", conversation("x")],
  ])("the agent's own prompt, %s", async (when, change) => {
    const { ask, bodies } = await setUpGuarded([OVERFLOW]);
    const answer = await ask(
      path,
      request({ ...change, ...system("x".repeat(5000 - (when === "at once" ? 6 : 0))) }),
      headers,
    );
    const body = await answer.json();
    expect([answer.status, bodies.length, answer.headers.get("x-should-retry")]).toEqual([400, 1, "false"]);
    if (forOwnPrompt !== undefined) expect(body).toEqual(forOwnPrompt);
    else {
      expect(JSON.stringify(body)).not.toMatch(COMPACTS);
      expect(JSON.stringify(body)).toMatch(
        /own instructions and tools \(5003 tokens\) do not fit .* holds 1000 tokens.*--max-model-len .*16384 or more/,
      );
    }
  });
});

describe("the agent's own prompt, where", () => {
  const several = (text: string): Body => ({
    input: [
      { role: "user", content: [{ type: "input_text", text }] },
      { role: "developer", content: [{ type: "input_text", text: "Rules" }] },
      { role: "user", content: [{ type: "input_text", text: "Weather?" }] },
    ],
  });

  test("the agent says more than the question in the user's name, as Codex does", async () => {
    const { path, request } = ROUTES.responses;
    const { ask } = await setUpGuarded([OVERFLOW]);
    const answer = await ask(path, request(several("x".repeat(5000))));
    expect(await answer.json()).toMatchObject({
      error: { code: "invalid_prompt", message: expect.stringMatching(/tools \(5026 tokens\) do not fit/) },
    });
  });

  test("it cannot be counted, says no figure", async () => {
    const { path, request, system } = ROUTES.responses;
    const { ask } = await setUpGuarded([OVERFLOW], {}, { refusesSystem: true });
    const text = await (await ask(path, request(system("x".repeat(5000))))).text();
    expect(text).toContain("own instructions and tools");
    expect(text).not.toContain(String(WINDOW + 1));
  });

  test.each([
    [
      "messages",
      "maximum-context-length",
      { error: { message: expect.stringMatching(/^This model's maximum context/) } },
    ],
    [
      "responses",
      "prompt-is-too-long",
      { error: { code: "invalid_prompt", message: expect.stringMatching(/^prompt is too long: 5003 /) } },
    ],
    ["responses", "context_length_exceeded", { error: { code: "context_length_exceeded" } }],
  ] as const)("%s: the bridge is told how: %s", async (name, shape, error) => {
    const { path, request, system } = ROUTES[name];
    const { ask } = await setUpGuarded([OVERFLOW], { overflow: { conversation: "plain", ownPrompt: shape } });
    expect(await (await ask(path, request(system("x".repeat(4994))))).json()).toMatchObject(error);
    const conversation = await ask(path, request(ROUTES[name].conversation("x".repeat(5000))));
    expect(JSON.stringify(await conversation.json())).not.toMatch(COMPACTS);
  });
});

test("an agent that leaves with the last event has had its tokens counted", async () => {
  const hello = recordedStream("responses-hello.sse");
  const { ask, log } = await setUpGuarded([
    (response) => response.writeHead(200, { "content-type": "text/event-stream" }).write(hello),
  ]);
  const { path, request } = ROUTES.responses;
  const reader = (await ask(path, request())).body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!text.includes("response.completed")) text += (await reader.read()).value ?? "";
  await reader.cancel();
  await expect.poll(() => log[0]).toMatchObject({ ending: "client left", promptTokens: expect.any(Number) });
});

describe.each(["messages", "responses"] as const)("%s: silence", (name) => {
  const { path, request, failure } = ROUTES[name];
  const hello = recordedStream(`${name}-hello.sse`);
  const silent: Reply = (response) => response.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders();

  test("no first token in time", async () => {
    const { ask, log } = await setUpGuarded([silent], { timeouts: { firstTokenMs: 200 } });
    expect(await (await ask(path, request())).text()).toContain("No first token came within");
    expect(log).toMatchObject([{ ending: "REQUEST_TIMEOUT" }]);
  });

  test("no answer at all in time is a status", async () => {
    const { ask } = await setUpGuarded([() => {}], { timeouts: { firstTokenMs: 50 } });
    expect((await ask(path, request())).status).toBe(504);
  });

  test("an answer that falls silent", async () => {
    const begin: Reply = (response) =>
      response.writeHead(200, { "content-type": "text/event-stream" }).write(hello.slice(0, hello.length / 2));
    const { ask, log } = await setUpGuarded([begin], { timeouts: { idleMs: 50 } });
    const text = await (await ask(path, request())).text();
    expect(eventsOf(text).at(-1)?.["type"]).toBe(failure);
    expect(log).toMatchObject([{ ending: "STREAM_IDLE_TIMEOUT" }]);
  });

  test("the client hears that the bridge is there, in its protocol's own way", async () => {
    let finish = () => {};
    const slow: Reply = (response) => {
      response.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders();
      finish = () => response.end(hello);
    };
    const { ask } = await setUpGuarded([slow], { keepAliveMs: 10 });
    const reader = (await ask(path, request())).body!.pipeThrough(new TextDecoderStream()).getReader();
    const first = (await reader.read()).value ?? "";
    expect(first).toMatch(name === "messages" ? /^event: ping\ndata: \{"type": "ping"\}\n\n/ : /^: keep-alive\n\n/);
    finish();
    let text = "";
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) text += piece.value;
    const quiet = text.replaceAll(/^(?:event: ping\ndata: .*|: keep-alive)\n\n/gm, "");
    expect(quiet).toBe(hello);
  });

  test("a client that leaves ends the request", async () => {
    let hasLeft = false;
    const { ask, log } = await setUpGuarded([
      (response) => {
        response
          .writeHead(200, { "content-type": "text/event-stream" })
          .write(hello.slice(0, hello.indexOf("\n\n") + 2));
        response.once("close", () => (hasLeft = true));
      },
    ]);
    await (await ask(path, request())).body!.cancel();
    await expect.poll(() => hasLeft).toBe(true);
    await expect.poll(() => log[0]?.ending).toBe("client left");
  });
});

describe("what is not guarded", () => {
  test.each<[string, Reply]>([
    [
      "an error of vLLM's own",
      {
        status: 404,
        body: { type: "error", error: { type: "NotFoundError", message: "The model `x` does not exist." } },
      },
    ],
    [
      "a request that vLLM refuses",
      { status: 400, body: { error: { message: "1 validation error", type: "Bad Request", param: null, code: 400 } } },
    ],
  ])("%s is the same", async (_name, reply) => {
    const { ask } = await setUpGuarded([reply]);
    const { path, request } = ROUTES.messages;
    const answer = await ask(path, request());
    const { status, body } = reply as { status: number; body: object };
    expect([answer.status, await answer.text()]).toEqual([status, JSON.stringify(body)]);
  });

  test("a body that is no JSON object is vLLM's to refuse", async () => {
    const { baseUrl, log } = await setUpGuarded([{ status: 422, body: { detail: "no" } }]);
    const answer = await fetch(`${baseUrl}/v1/messages`, { method: "POST", body: "[1]" });
    expect([answer.status, await answer.text()]).toEqual([422, '{"detail":"no"}']);
    expect(log).toMatchObject([{ status: 422 }]);
  });
});

test.each([
  ["org/m", 200],
  ["org%2Fm", 200],
  ["org/n", 404],
])("GET /v1/models/%s", async (id, status) => {
  const { baseUrl } = await setUpGuarded([""]);
  const answer = await fetch(`${baseUrl}/v1/models/${id}`);
  expect(answer.status).toBe(status);
  expect(await answer.json()).toMatchObject(
    status === 200 ? { id: "org/m", max_model_len: WINDOW } : { error: { message: expect.stringContaining("org/m") } },
  );
});
