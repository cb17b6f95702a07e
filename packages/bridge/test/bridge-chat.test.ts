import { createControlledStream } from "@vllm-tooling/fake-vllm";
import { afterEach, describe, expect, test } from "vitest";
import { post, readEvents, setUp, tearDown, textOf, TOOLS } from "./bridge-harness.ts";

afterEach(tearDown);

const HELLO = "\n\nHello there! How can I help you today?";
const CUT = "0.32.0/hermes-qwen3/tool-cut";
const MESSAGES = [{ role: "user", content: "Hello" }];
const ASK = { model: "lab/tiny", messages: MESSAGES };

describe("an answer through the bridge", () => {
  test("streamed: text and reasoning as they come, one finish, usage, [DONE]", async () => {
    const { baseUrl, log } = await setUp({ scenario: "hello-stream" });
    const { status, headers, text } = await post(baseUrl, {
      ...ASK,
      stream: true,
      stream_options: { include_usage: true },
    });
    expect(status).toBe(200);
    expect(headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    const events = readEvents(text);
    expect(textOf(events)).toBe(HELLO);
    expect(textOf(events, "reasoning")).toContain("greets me");
    expect(events.filter((event) => event.choices?.[0]?.finish_reason === "stop")).toHaveLength(1);
    expect(events.at(-1)?.usage).toMatchObject({ completion_tokens_details: { reasoning_tokens: expect.any(Number) } });
    expect(log).toMatchObject([
      { status: 200, ending: "ok", model: "lab/tiny", attempts: 1, promptTokens: expect.any(Number) },
    ]);
  });

  test("streamed without include_usage has no usage chunk", async () => {
    const { baseUrl } = await setUp({ scenario: "hello-stream" });
    const { text } = await post(baseUrl, { ...ASK, stream: true });
    expect(readEvents(text).filter((event) => event.usage !== undefined)).toEqual([]);
  });

  test("whole: vLLM's own shape", async () => {
    const { baseUrl } = await setUp({ scenario: "hello-stream" });
    const { text } = await post(baseUrl, ASK);
    expect(JSON.parse(text)).toMatchObject({
      object: "chat.completion",
      model: "lab/tiny",
      choices: [{ index: 0, message: { role: "assistant", content: HELLO }, finish_reason: "stop" }],
      usage: { prompt_tokens: expect.any(Number) },
    });
  });

  test("text arrives while vLLM is still writing", async () => {
    const stream = createControlledStream();
    const { baseUrl } = await setUp({ scenario: stream });
    const answering = fetch(`${baseUrl}/chat/completions`, {
      method: "POST",
      body: JSON.stringify({ ...ASK, stream: true }),
    });
    await stream.opened;
    stream.writeEvent(chunk({ role: "assistant", content: "" }));
    stream.writeEvent(chunk({ content: "One" }));
    const reader = (await answering).body!.pipeThrough(new TextDecoderStream()).getReader();
    let seen = "";
    while (!seen.includes('"One"')) seen += (await reader.read()).value;
    expect(seen).not.toContain('finish_reason":"stop');
    stream.writeEvent(chunk({ content: " two" }, "stop"));
    stream.write("data: [DONE]\n\n");
    stream.end();
    for (let part = await reader.read(); !part.done; part = await reader.read()) seen += part.value;
    expect(textOf(readEvents(seen))).toBe("One two");
  });
});

describe("tool calls", () => {
  test("are sent as one delta each, whole", async () => {
    const { baseUrl } = await setUp({ scenario: "tool-two" });
    const { text } = await post(baseUrl, { ...ASK, tools: TOOLS, stream: true });
    const calls = readEvents(text).flatMap(
      (event) =>
        (event.choices?.[0]?.delta["tool_calls"] ?? []) as { index: number; function: { arguments: string } }[],
    );
    expect(calls.map(({ index }) => index)).toEqual([0, 1]);
    for (const call of calls) expect(JSON.parse(call.function.arguments)).toHaveProperty("city");
    expect(readEvents(text).findLast((event) => event.choices?.[0]?.finish_reason)?.choices?.[0]?.finish_reason).toBe(
      "tool_calls",
    );
  });

  test("not whole in a stream that breaks: none leaves the bridge, the text stays, an error ends it", async () => {
    const stream = createControlledStream();
    const { baseUrl, log } = await setUp({ scenario: stream });
    const answering = post(baseUrl, { ...ASK, tools: TOOLS, stream: true });
    await stream.opened;
    stream.writeEvent(chunk({ role: "assistant", content: "I will look." }));
    stream.writeEvent(chunk({ tool_calls: [call(0, '{"city": "Paris"}')] }));
    stream.destroy();
    const { text } = await answering;
    const events = readEvents(text);
    expect(textOf(events)).toBe("I will look.");
    expect(text).not.toContain("tool_calls");
    expect(events.at(-1)?.error).toMatchObject({
      code: 502,
      message: expect.stringMatching(
        /^502 The connection was lost before the answer had a finish reason.*their logs\.$/,
      ),
    });
    expect(log.at(-1)?.ending).toBe("STREAM_ENDED_EARLY");
  });

  test("cut by the limit: the model is asked again, told why, and its second call is sent", async () => {
    const { baseUrl, chats, log } = await setUp({ scenario: [CUT, "tool-one"] });
    const { text } = await post(baseUrl, { ...ASK, tools: TOOLS, stream: true });
    const calls = readEvents(text).flatMap(
      (event) => (event.choices?.[0]?.delta["tool_calls"] ?? []) as { function: { arguments: string } }[],
    );
    expect(calls).toHaveLength(1);
    expect(JSON.parse(calls[0]!.function.arguments)).toEqual({ city: "Paris", unit: "celsius" });
    expect(new Set(readEvents(text).map(({ id }) => id)).size).toBe(1);
    const [, second] = chats();
    const messages = (second!.body as { messages: { role: string; content: string }[] }).messages;
    expect(messages.map(({ role }) => role)).toEqual(["user", "assistant", "tool"]);
    expect(messages[2]?.content).toMatch(/token limit was reached/);
    expect(log[0]).toMatchObject({
      attempts: 2,
      changes: expect.arrayContaining(["asked again: broken tool call (length)"]),
    });
  });

  test.each([true, false])("cut twice: an error, no call (streamed: %s)", async (stream) => {
    const { baseUrl, chats } = await setUp({ scenario: CUT });
    const { status, text } = await post(baseUrl, { ...ASK, tools: TOOLS, stream });
    expect(chats()).toHaveLength(2);
    expect(text).not.toContain('tool_calls":[{');
    if (stream) expect(readEvents(text).at(-1)?.error?.message).toMatch(/not complete, twice; it was not handed over/);
    else expect([status, JSON.parse(text)]).toMatchObject([502, { error: { type: "InternalServerError", code: 502 } }]);
  });

  test("found in the text of a server without parsers", async () => {
    const { baseUrl } = await setUp({ config: "0.32.0/leak-hermes", scenario: "leak-one" });
    const { text } = await post(baseUrl, { ...ASK, tools: TOOLS, stream: true });
    const events = readEvents(text);
    expect(textOf(events)).not.toContain("tool_call");
    expect(textOf(events)).not.toContain("think>");
    expect(text).toContain('"name":"get_weather"');
    expect(text).toContain('"finish_reason":"tool_calls"');
  });

  test("cut in the text of a server without parsers: the model is asked again, once", async () => {
    const leaked = "0.32.0/leak-hermes/leak-unclosed";
    const { baseUrl, chats, fake, log } = await setUp({ scenario: [leaked, "0.32.0/leak-hermes/leak-one"] });
    const { text } = await post(baseUrl, { ...ASK, tools: TOOLS, stream: true });
    expect(text).toContain('"finish_reason":"tool_calls"');
    const { messages } = chats()[1]!.body as { messages: { role: string; content: string }[] };
    expect(messages.map(({ role }) => role)).toEqual(["user", "assistant", "user"]);
    expect(messages[2]?.content).toMatch(/not complete, so nothing was run/);
    expect(log[0]?.changes).toContain("asked again: broken tool call (in the text)");

    fake.play(leaked);
    const twice = readEvents((await post(baseUrl, { ...ASK, tools: TOOLS, stream: true })).text);
    expect(twice.at(-1)?.error?.message).toMatch(/not complete, twice/);
    expect(chats()).toHaveLength(4);
  });

  test.each([
    ["talk about markup in code", "leak-markup", TOOLS],
    ["a call to no tool of the request", "leak-unclosed", [{ type: "function", function: { name: "other" } }]],
    ["a request without tools", "leak-unclosed", undefined],
  ])("%s is an answer", async (_what, scenario, tools) => {
    const { baseUrl, chats } = await setUp({ scenario: `0.32.0/leak-hermes/${scenario}` });
    await post(baseUrl, { ...ASK, tools, stream: true });
    expect(chats()).toHaveLength(1);
  });

  test.each([false, { thinkTags: true }] as const)("are left in the text with recover: %j", async (recover) => {
    const { baseUrl, chats } = await setUp({ scenario: "0.32.0/leak-hermes/leak-one" }, { recover });
    const { text } = await post(baseUrl, { ...ASK, tools: TOOLS, stream: true });
    expect(textOf(readEvents(text))).toContain("<tool_call>");
    expect(chats()).toHaveLength(1);
  });
});

describe("when one side goes away", () => {
  test("client gone: vLLM is stopped", async () => {
    const stream = createControlledStream();
    const { baseUrl, log } = await setUp({ scenario: stream });
    const leaving = new AbortController();
    const answer = await Promise.all([
      fetch(`${baseUrl}/chat/completions`, {
        method: "POST",
        body: JSON.stringify({ ...ASK, stream: true }),
        signal: leaving.signal,
      }),
      stream.opened.then(() => stream.writeEvent(chunk({ role: "assistant", content: "One" }))),
    ]);
    expect(answer[0].status).toBe(200);
    leaving.abort();
    expect(await stream.closed).toBe("client-left");
    await expect.poll(() => log.at(-1)?.ending).toBe("client left");
  });

  test("vLLM's engine dies: the partial answer stays, vLLM's words end it", async () => {
    const { baseUrl } = await setUp(
      { scenario: "hello-stream", fail: { kind: "engine-dies", afterBytes: 1500 } },
      { resume: false },
    );
    const { text } = await post(baseUrl, { ...ASK, stream: true });
    const events = readEvents(text);
    expect(textOf(events, "reasoning")).not.toBe("");
    expect(events.at(-1)?.error).toMatchObject({ type: "InternalServerError", code: 500 });
  });

  test("vLLM is quiet: comments keep the client waiting, an error of later is an event", async () => {
    const { baseUrl } = await setUp(
      { fail: "stall-before-headers" },
      { keepAliveMs: 40, timeouts: { firstTokenMs: 300 } },
    );
    const { status, text } = await post(baseUrl, { ...ASK, stream: true });
    expect(status).toBe(200);
    expect(text.match(/^: keep-alive$/gm)!.length).toBeGreaterThan(3);
    expect(readEvents(text).at(-1)?.error).toMatchObject({ code: 504, type: "TimeoutError" });
  });

  test("vLLM falls silent in mid-answer: the idle limit ends it", async () => {
    const { baseUrl } = await setUp(
      { scenario: "hello-stream", fail: { kind: "stall", afterBytes: 1500 } },
      { timeouts: { idleMs: 200 } },
    );
    const { text } = await post(baseUrl, { ...ASK, stream: true });
    expect(readEvents(text).at(-1)?.error?.message).toMatch(/went silent/);
  });
});

function chunk(delta: object, finish: string | null = null): object {
  return {
    id: "chatcmpl-1",
    object: "chat.completion.chunk",
    created: 1,
    model: "lab/tiny",
    choices: [{ index: 0, delta, finish_reason: finish }],
  };
}

function call(index: number, text: string): object {
  return { index, id: `chatcmpl-tool-${index}`, type: "function", function: { name: "get_weather", arguments: text } };
}
