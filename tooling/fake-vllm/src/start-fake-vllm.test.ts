import { describe, expect, test } from "vitest";
import { loadFixture } from "@vllm-tooling/fixtures";
import { createControlledStream, startFakeVllm, type FakeVllm } from "./index.ts";

const hello = { messages: [{ role: "user", content: "Hello" }] };
const chat = (server: FakeVllm, body: object = {}, signal?: AbortSignal) =>
  fetch(`${server.baseUrl}/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", "X-Session-ID": "conversation-1" },
    body: JSON.stringify({ model: server.model, stream: true, ...hello, ...body }),
    ...(signal ? { signal } : {}),
  });
const bytesOf = async (response: Response) => new Uint8Array(await response.arrayBuffer());
const recorded = (id: string) => loadFixture(id).response.body;

describe("startFakeVllm", () => {
  test("says where it is and what it serves", async () => {
    await using server = await startFakeVllm();
    expect(server.port).toBeGreaterThan(0);
    expect(server.serverRoot).toBe(`http://127.0.0.1:${server.port}`);
    expect(server.baseUrl).toBe(`${server.serverRoot}/v1`);
    const list = (await (await fetch(`${server.baseUrl}/models`)).json()) as { data: { id: string }[] };
    expect(list.data.map((model) => model.id)).toEqual([server.model]);
  });

  test("keeps every request, with its body", async () => {
    await using server = await startFakeVllm();
    await (await chat(server, { top_k: 5 })).text();
    await fetch(`${server.serverRoot}/health?deep=1`);
    expect(server.requests).toMatchObject([
      {
        method: "POST",
        path: "/v1/chat/completions",
        headers: { "x-session-id": "conversation-1" },
        body: { top_k: 5, stream: true },
        aborted: false,
      },
      { method: "GET", path: "/health?deep=1", body: undefined, bodyText: "" },
    ]);
  });

  test("asks for the key under /v1 only", async () => {
    await using server = await startFakeVllm({ apiKey: "k" });
    expect((await fetch(`${server.serverRoot}/health`)).status).toBe(200);
    const refused = await fetch(`${server.baseUrl}/models`);
    expect(refused.status).toBe(401);
    expect(await refused.text()).toBe('{"error":"Unauthorized"}');
    expect((await fetch(`${server.baseUrl}/models`, { headers: { authorization: "Bearer k" } })).status).toBe(200);
  });

  test("a port that is taken is an error", async () => {
    await using server = await startFakeVllm();
    await expect(startFakeVllm({ port: server.port })).rejects.toThrow("EADDRINUSE");
  });

  test("close ends what is running and stops listening", async () => {
    const server = await startFakeVllm({ fail: "stall" });
    const response = await chat(server);
    await server.close();
    await expect(response.text()).rejects.toThrow();
    await expect(fetch(server.serverRoot)).rejects.toThrow();
  });
});

describe("scenarios", () => {
  test("a name is a recording of the configuration, an id any recording", async () => {
    await using server = await startFakeVllm({ config: "0.32.0/hermes-qwen3", scenario: "tool-one" });
    expect(await bytesOf(await chat(server))).toEqual(recorded("0.32.0/hermes-qwen3/tool-one"));
    server.play("0.10.2/small/tool-cut");
    expect(await bytesOf(await chat(server))).toEqual(recorded("0.10.2/small/tool-cut"));
  });

  test("a request that is not streamed gets the recording that is not", async () => {
    await using server = await startFakeVllm({ scenario: "tool-two" });
    expect(await bytesOf(await chat(server, { stream: false }))).toEqual(recorded("0.32.0/lab/tool-two-nonstream"));
    server.play("0.32.0/lab/hello-stream");
    expect(await bytesOf(await chat(server, { stream: false }))).toEqual(recorded("0.32.0/lab/hello-nonstream"));
  });

  test("hand-made streams can be played too", async () => {
    await using server = await startFakeVllm({ scenario: "malformed/framing/crlf" });
    expect(await bytesOf(await chat(server))).toEqual(recorded("malformed/framing/crlf"));
  });

  test("a list is played in order, its last one from then on", async () => {
    await using server = await startFakeVllm({ scenario: ["tool-one", "tool-history"] });
    const lengths = [];
    for (let turn = 0; turn < 3; turn++) lengths.push((await bytesOf(await chat(server))).length);
    const [one, history] = [recorded("0.32.0/lab/tool-one").length, recorded("0.32.0/lab/tool-history").length];
    expect(lengths).toEqual([one, history, history]);
  });

  test("a list stays where it is while requests fail", async () => {
    await using server = await startFakeVllm({
      scenario: ["tool-one", "tool-history"],
      fail: { kind: "no-workers-503", times: 2 },
    });
    expect([(await chat(server)).status, (await chat(server)).status]).toEqual([503, 503]);
    expect(await bytesOf(await chat(server))).toEqual(recorded("0.32.0/lab/tool-one"));
  });

  test("a function decides by the request", async () => {
    await using server = await startFakeVllm({
      scenario: ({ body }) => ((body as { seed?: number }).seed === 1 ? "tool-one" : undefined),
    });
    expect(await bytesOf(await chat(server, { seed: 1 }))).toEqual(recorded("0.32.0/lab/tool-one"));
    expect(await (await chat(server)).text()).toContain('"content":"Hello"');
  });

  test("a wrong name is told at the start, and by play", async () => {
    await expect(startFakeVllm({ scenario: "tool-onn" })).rejects.toThrow('has a recording named "tool-onn"');
    await expect(startFakeVllm({ scenario: "0.32.0/lab/nothing" })).rejects.toThrow("There is no fixture");
    await using server = await startFakeVllm();
    expect(() => server.play(["tool-one", "tool-onn"])).toThrow('"tool-onn"');
  });

  test("a scenario does not hide what vLLM refuses", async () => {
    await using server = await startFakeVllm({ scenario: "tool-one" });
    expect((await chat(server, { model: "nope" })).status).toBe(404);
  });

  test("the demo: a question, two calls, and an answer with this conversation's results", async () => {
    await using server = await startFakeVllm();
    const tools = ["calculator", "clock"].map((name) => ({
      type: "function",
      function: { name, parameters: { type: "object", properties: {} } },
    }));
    const question = { role: "user", content: "What time is it and what is 17 * 23?" };
    const first = await (await chat(server, { messages: [question], tools })).text();
    expect(first).toContain('"name":"clock"');
    expect(first).toContain('"name":"calculator"');
    const results = ["14:02 in Paris", "391"].map((content, index) => ({
      role: "tool",
      tool_call_id: String(index),
      content,
    }));
    const called = { role: "assistant", content: null, tool_calls: [] };
    const second = (await (
      await chat(server, { messages: [question, called, ...results], tools, stream: false })
    ).json()) as { choices: { message: { content: string } }[] };
    expect(second.choices[0]?.message.content).toBe("\n\nIt is 14:02 in Paris, and 17 * 23 = 391.");
  });
});

describe("pace and running requests", () => {
  test("a running generation counts, until the client leaves", async () => {
    await using server = await startFakeVllm({ fail: { kind: "stall", afterBytes: 300 } });
    const leaving = new AbortController();
    const response = await chat(server, {}, leaving.signal);
    await response.body!.getReader().read();
    expect(server.activeRequests).toBe(1);
    expect(await (await fetch(`${server.serverRoot}/load`)).json()).toEqual({ server_load: 1 });
    leaving.abort();
    await server.waitUntilIdle();
    expect(server.activeRequests).toBe(0);
    expect(server.requests[0]).toMatchObject({ aborted: true, finished: true });
    expect(await (await fetch(`${server.serverRoot}/load`)).json()).toEqual({ server_load: 0 });
  });

  test("waitUntilIdle waits for what is running, and not without it", async () => {
    const stream = createControlledStream();
    await using server = await startFakeVllm({ scenario: stream });
    await server.waitUntilIdle();
    const response = chat(server);
    await stream.opened;
    let isIdle = false;
    const idle = server.waitUntilIdle().then(() => (isIdle = true));
    await fetch(`${server.serverRoot}/health`);
    expect(isIdle).toBe(false);
    stream.end();
    await (await response).text();
    await idle;
  });

  test("a connection that the server breaks is no abort by the client", async () => {
    await using server = await startFakeVllm({ fail: "cut-after-bytes" });
    await expect(chat(server).then((response) => response.text())).rejects.toThrow();
    await server.waitUntilIdle();
    expect(server.requests[0]).toMatchObject({ aborted: false, finished: true });
  });

  test("huge-line is one line of 64 MiB, sent as fast as it is read", async () => {
    await using server = await startFakeVllm({ fail: "huge-line" });
    const leaving = new AbortController();
    const reader = (await chat(server, {}, leaving.signal)).body!.getReader();
    let length = 0;
    while (length < 3_000_000) {
      const { value } = await reader.read();
      expect(value).not.toContain(0x0a);
      length += value!.length;
    }
    leaving.abort();
    await server.waitUntilIdle();
    expect(server.requests[0]?.aborted).toBe(true);
  });
});

describe("a controlled stream", () => {
  test("is written step by step and notices that the client leaves", async () => {
    const stream = createControlledStream();
    await using server = await startFakeVllm({ scenario: stream });
    const leaving = new AbortController();
    const response = await chat(server, { seed: 7 }, leaving.signal);
    expect((await stream.opened).body).toMatchObject({ seed: 7 });
    expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    const reader = response.body!.getReader();
    stream.writeEvent({ a: "é" });
    expect(new TextDecoder().decode((await reader.read()).value)).toBe('data: {"a":"é"}\n\n');
    stream.write(Uint8Array.of(0xc3));
    expect((await reader.read()).value).toEqual(Uint8Array.of(0xc3));
    leaving.abort();
    await expect(stream.closed).resolves.toBe("client-left");
    expect(() => stream.write("more")).toThrow("This controlled stream is over");
  });

  test("can be written before it is asked for, and ends properly", async () => {
    const stream = createControlledStream();
    stream.write("data: 1\n\n");
    stream.end();
    await using server = await startFakeVllm({ scenario: stream });
    expect(await (await chat(server)).text()).toBe("data: 1\n\n");
    await expect(stream.closed).resolves.toBe("ended");
  });

  test.each(["destroy", "reset"] as const)("%s breaks the connection after what was written", async (how) => {
    const stream = createControlledStream();
    await using server = await startFakeVllm({ scenario: stream });
    const response = await chat(server);
    const reader = response.body!.getReader();
    stream.write("data: 1\n\n");
    await reader.read();
    stream[how]();
    await expect(reader.read()).rejects.toThrow();
    await expect(stream.closed).resolves.toBe("ended");
  });

  test("answers one request; a second one is told so", async () => {
    const stream = createControlledStream();
    stream.end();
    await using server = await startFakeVllm({ scenario: stream });
    await chat(server);
    const second = await chat(server);
    expect(second.status).toBe(500);
    expect(await second.text()).toContain("A controlled stream answers one request");
  });
});
