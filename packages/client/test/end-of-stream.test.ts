import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createVllmClient, type ChatParams, type ChatReply, type ChatResult } from "@vllm/client";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { chunk } from "./support/chunk.ts";

const PARAMS: ChatParams = { model: "m", messages: [{ role: "user", content: "hello" }] };
const event = (value: unknown) => `data: ${JSON.stringify(value)}\n\n`;
const USAGE = event({ choices: [], usage: { prompt_tokens: 1, completion_tokens: 2 } });
const DONE = "data: [DONE]\n\n";

/** Sends the head and these pieces; what comes after them is the test's affair. */
let answer: (response: ServerResponse) => void;
let server: Server;
let baseUrl: string;
let connections: number;

beforeEach(async () => {
  // Ticks are the test's, the network's clock is real.
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  connections = 0;
  server = createServer((request, response) => {
    request.resume();
    response.writeHead(200, { "content-type": "text/event-stream" });
    answer(response);
  }).on("connection", () => (connections += 1));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  vi.useRealTimers();
  server.closeAllConnections();
  server.close();
});

const TRANSPORTS = [
  ["over HTTP/1.1", undefined],
  ["over fetch", (input: string, init: object) => globalThis.fetch(input, init)],
] as const;

const realTime = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Until the client counts: one tick is the watchdog's, the other one begins with the finish reason. */
async function untilFinished(): Promise<void> {
  while (vi.getTimerCount() < 2) await realTime(2);
}

/** How many milliseconds of ticks an answer takes, at most a minute. What `onTick` writes arrives before the next tick. */
async function countTicks(
  ending: Promise<unknown>,
  onTick: (ms: number) => boolean | void = () => {},
): Promise<number> {
  let isOver = false;
  const finish = () => (isOver = true);
  ending.then(finish, finish);
  let ms = 0;
  while (!isOver && ms < 60_000) {
    ms += 100;
    if (onTick(ms) !== undefined) await realTime(40);
    vi.advanceTimersByTime(100);
    await realTime(2);
  }
  return ms;
}

/** The same, counted from the finish reason on. */
async function countTicksFromFinish(...counted: Parameters<typeof countTicks>): Promise<number> {
  await untilFinished();
  return countTicks(...counted);
}

describe.each(TRANSPORTS)("a stream that stays open after its finish reason, %s", (_, fetch) => {
  const ask = (params: Partial<ChatParams> = {}): ChatReply<unknown> =>
    createVllmClient({ baseUrl, fetch, timeouts: { idleMs: 600_000 } }).chat({ ...PARAMS, ...params });

  test("ends after five seconds, without usage, and its connection is closed", async () => {
    const left = new Promise<void>((resolve) => {
      answer = (response) => {
        response.on("close", resolve);
        response.write(event(chunk({ content: "Hello" })) + event(chunk({}, "stop")));
      };
    });
    const result = ask().result();
    expect(await countTicksFromFinish(result)).toBe(5000);
    expect(await result).toMatchObject({ text: "Hello", finishReason: "stop" });
    expect(await result).not.toHaveProperty("usage");
    await left;
  });

  test("comments do not extend the time", async () => {
    let open: ServerResponse | undefined;
    answer = (response) => {
      open = response;
      response.write(event(chunk({ content: "Hello" }, "stop")));
    };
    const result = ask().result();
    const ms = await countTicksFromFinish(result, (at) => (at % 500 === 0 ? open?.write(": ping\n\n") : undefined));
    expect(ms).toBe(5000);
    expect((await result).text).toBe("Hello");
  });

  test("usage that comes within it is in the result, and ends the wait soon", async () => {
    let open: ServerResponse | undefined;
    answer = (response) => {
      open = response;
      response.write(event(chunk({ content: "Hello" }, "stop")));
    };
    const result = ask().result();
    const ms = await countTicksFromFinish(result, (at) => (at === 3500 ? open?.write(USAGE) : undefined));
    expect(ms).toBeGreaterThan(3500);
    expect(ms).toBeLessThan(5000);
    expect((await result).usage).toEqual({ prompt_tokens: 1, completion_tokens: 2 });
  });

  test("usage that lacks the empty line after it is not lost", async () => {
    answer = (response) => void response.write(event(chunk({ content: "Hello" }, "stop")) + USAGE.trimEnd());
    const result = ask().result();
    expect(await countTicksFromFinish(result)).toBe(5000);
    expect((await result).usage).toEqual({ prompt_tokens: 1, completion_tokens: 2 });
  });

  test("an event that lacks its end and cannot be read costs nothing", async () => {
    const deep = `{"usage":${'{"a":'.repeat(5000)}1${"}".repeat(5001)}`;
    answer = (response) => void response.write(`${event(chunk({ content: "Hello" }, "stop"))}data: ${deep}`);
    const result = ask().result();
    expect(await countTicksFromFinish(result)).toBe(5000);
    expect((await result).text).toBe("Hello");
  });

  test("an error that comes within it ends the reply", async () => {
    let open: ServerResponse | undefined;
    answer = (response) => {
      open = response;
      response.write(event(chunk({ content: "Hello" }, "stop")));
    };
    const result = ask().result();
    await countTicksFromFinish(result, (at) =>
      at === 2000 ? open?.write(event({ error: { message: "Boom", code: 500 } })) : undefined,
    );
    await expect(result).rejects.toMatchObject({ code: "SERVER_ERROR" });
  });

  test("a failure that the server reported is not waited for any longer", async () => {
    answer = (response) => void response.write(event(chunk({ content: "Hello" }, "network_error")));
    const result = ask().result();
    expect(await countTicksFromFinish(result)).toBe(5000);
    await expect(result).rejects.toMatchObject({ code: "STREAM_ENDED_EARLY", isRetryable: true });
  });

  test("the time begins with the last of several choices", async () => {
    let open: ServerResponse | undefined;
    const choice = (index: number, finish: string | null) =>
      event({ id: "1", choices: [{ index, delta: { content: "Hi" }, finish_reason: finish }] });
    answer = (response) => {
      open = response;
      response.write(choice(0, "stop"));
    };
    const result = ask({ n: 2 }).result();
    const ms = await countTicks(result, (at) => {
      if (at === 8000) return open?.write(choice(1, null));
      return at === 9000 ? open?.write(choice(1, "length")) : undefined;
    });
    expect(ms).toBeGreaterThan(13_000);
    expect(ms).toBeLessThan(60_000);
    expect((await result).choices.map(({ text, ending }) => [text, ending])).toEqual([
      ["Hi", "complete"],
      ["HiHi", "truncated"],
    ]);
  });

  test("an answer that goes on after a finish reason is not cut", async () => {
    let open: ServerResponse | undefined;
    answer = (response) => {
      open = response;
      response.write(event(chunk({ content: "One" }, "stop")));
    };
    const result = ask().result();
    await countTicksFromFinish(result, (at) => {
      if (at === 4000) return open?.write(event(chunk({ content: " two" }, "stop")));
      return at === 12_000 ? open?.write(event(chunk({ content: " three" }, "stop")) + DONE) : undefined;
    });
    expect((await result).text).toBe("One two three");
  });

  /** A consumer that has read one event of a stream that is paused although its finish reason has been read. */
  async function lagBehind(): Promise<{
    response: ServerResponse;
    rest: () => Promise<ChatResult<unknown> | undefined>;
  }> {
    const opened = new Promise<ServerResponse>((resolve) => {
      answer = (response) => {
        // More events than may wait, in less than one read.
        const both = event(chunk({ content: "x", reasoning: "y" }));
        response.write(both.repeat(300) + event(chunk({}, "stop")));
        resolve(response);
      };
    });
    const iterator = ask()[Symbol.asyncIterator]();
    await iterator.next();
    const response = await opened;
    await untilFinished();
    vi.advanceTimersByTime(5 * 60_000);
    const rest = async () => {
      for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) {
        if (next.value.type === "done") return next.value;
      }
      return undefined;
    };
    return { response, rest };
  }

  test("time in which the consumer pauses the stream does not count", async () => {
    const { response, rest } = await lagBehind();
    response.end(USAGE + DONE);
    const result = await rest();
    expect(result).toMatchObject({ text: "x".repeat(300), usage: { completion_tokens: 2 } });
  });

  test("the time begins when it goes on", async () => {
    const { rest } = await lagBehind();
    const result = rest();
    const ms = await countTicks(result);
    expect(ms).toBeGreaterThanOrEqual(5000);
    expect(ms).toBeLessThan(60_000);
    expect(await result).toMatchObject({ text: "x".repeat(300), finishReason: "stop" });
  });

  test("a consumer that lags behind by megabytes loses nothing", async () => {
    const written = new Promise<ServerResponse>((resolve) => {
      answer = (response) => {
        response.write(event(chunk({ content: "x".repeat(200) })).repeat(20_000));
        response.write(event(chunk({}, "stop")));
        resolve(response);
      };
    });
    const reply = ask();
    const iterator = reply[Symbol.asyncIterator]();
    await iterator.next();
    const response = await written;
    for (let minute = 0; minute < 5; minute += 1) {
      await realTime(40);
      vi.advanceTimersByTime(60_000);
    }
    response.end(USAGE + DONE);
    let result: ChatResult<unknown> | undefined;
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) {
      if (next.value.type === "done") result = next.value;
    }
    expect(result?.text).toHaveLength(4_000_000);
    expect(result?.usage).toEqual({ prompt_tokens: 1, completion_tokens: 2 });
  });
});

test("an abandoned connection is not used again, one that ended is", async () => {
  const client = createVllmClient({ baseUrl });
  answer = (response) => void response.end(event(chunk({ content: "Hello" }, "stop")) + DONE);
  await client.complete(PARAMS);
  await client.complete(PARAMS);
  expect(connections).toBe(1);
  answer = (response) => void response.write(event(chunk({ content: "Hello" }, "stop")));
  const abandoned = client.complete(PARAMS);
  await countTicksFromFinish(abandoned);
  await abandoned;
  expect(connections).toBe(1);
  answer = (response) => void response.end(event(chunk({ content: "Hello" }, "stop")) + DONE);
  await client.complete(PARAMS);
  expect(connections).toBe(2);
});
