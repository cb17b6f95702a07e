import { defineTool } from "@vllm/client";
import { runTools, type HistoryTrimmedEvent, type RunToolsOptions, type RunToolsParams } from "@vllm/client/run";
import { describe, expect, test } from "vitest";
import { createRunServer, type RunServerOptions, type SentBody, type Turn } from "./support/run-server.ts";

/** What the fake server counts: a token for four characters. */
const tokensOf = (body: SentBody): number => Math.ceil(JSON.stringify(body.messages).length / 4);
/** A server that calls a tool so many times, and counts as above. */
function calling(times: number): (body: SentBody) => Turn {
  let turn = 0;
  return (body) => {
    turn += 1;
    const usage = { prompt_tokens: tokensOf(body), completion_tokens: 10, total_tokens: tokensOf(body) + 10 };
    return turn > times ? { text: "Done.", usage } : { calls: [["read", `{"page":${turn}}`]], usage };
  };
}
const read = (length: number) =>
  defineTool({ name: "read", parameters: {}, execute: ({ page }) => `page ${String(page)} `.padEnd(length, "word ") });

async function start(server: RunServerOptions, params: Partial<RunToolsParams>, options?: RunToolsOptions) {
  const run = createRunServer({ count: tokensOf, ...server });
  const trims: HistoryTrimmedEvent[] = [];
  const events = runTools(
    run.client,
    {
      messages: [
        { role: "system", content: "Be brief." },
        { role: "user", content: "Read it." },
      ],
      tools: [],
      ...params,
    },
    options,
  );
  for await (const event of events) if (event.type === "history_trimmed") trims.push(event);
  return { ...run, trims, result: await events.result() };
}

/** Whether a request begins with all messages of the one before. */
const grows = (bodies: readonly SentBody[]) =>
  bodies.slice(1).map(({ messages }, index) => {
    const before = bodies[index]?.messages ?? [];
    return JSON.stringify(messages.slice(0, before.length)) === JSON.stringify(before);
  });

describe("the conversation of a run", () => {
  test("only grows while it fits", async () => {
    const { bodies, trims, paths } = await start({ turns: [calling(10)], window: 100_000 }, { tools: [read(400)] });
    expect(bodies).toHaveLength(11);
    expect(grows(bodies)).toEqual(Array(10).fill(true));
    expect(trims).toEqual([]);
    expect(paths.filter((path) => path !== "/v1/chat/completions")).toEqual(["/v1/models"]);
  });

  test("is shortened once to half the window when the next turn does not fit, and then grows again", async () => {
    const window = 4000;
    const { bodies, trims, result } = await start({ turns: [calling(20)], window }, { tools: [read(1200)] });
    expect(result.text).toBe("Done.");
    const grown = grows(bodies);
    expect(grown.filter((each) => !each)).toHaveLength(trims.length);
    expect(trims.length).toBeGreaterThan(1);
    expect(trims.length).toBeLessThan(6);
    for (const [index, body] of bodies.entries()) {
      expect(tokensOf(body)).toBeLessThanOrEqual(window - window / 4);
      expect(body.messages.slice(0, 2)).toEqual([
        { role: "system", content: "Be brief." },
        { role: "user", content: "Read it." },
      ]);
      if (index > 0 && !grown[index - 1]) expect(tokensOf(body)).toBeLessThanOrEqual(window / 2);
    }
  });

  test("is measured by an estimate where the server does not count", async () => {
    const server = { turns: [calling(20)], window: 4000, count: undefined as never };
    const { trims, bodies, result } = await start(server, { tools: [read(1200)] });
    expect(result.text).toBe("Done.");
    expect(trims.length).toBeGreaterThan(0);
    expect(Math.max(...bodies.map(tokensOf))).toBeLessThan(4000);
  });

  test("has its results shortened when one turn alone is too long", async () => {
    const { trims, bodies } = await start({ turns: [calling(1)], window: 2000 }, { tools: [read(20_000)] });
    expect(trims).toEqual([{ type: "history_trimmed", droppedMessages: 0, shortenedResults: 1, contextWindow: 2000 }]);
    expect(bodies[1]?.messages.at(-1)?.content).toContain(
      "[shortened to fit the context window: it had 20000 characters]",
    );
  });

  test("fits a window that is named, from the first request on", async () => {
    const old = Array.from({ length: 20 }, (_, index) => [
      { role: "user" as const, content: `Question ${index} ${"word ".repeat(50)}` },
      { role: "assistant" as const, content: "Answer." },
    ]).flat();
    const messages = [...old, { role: "user" as const, content: "Last." }];
    const { bodies, trims } = await start({ turns: [{ text: "ok" }] }, { messages, contextWindow: 1000 });
    expect(trims).toHaveLength(1);
    expect(tokensOf(bodies[0]!)).toBeLessThanOrEqual(500);
    expect(bodies[0]?.messages.at(-1)).toEqual({ role: "user", content: "Last." });
    const profile = { contextWindow: { value: 1000, source: "user", evidence: "" } } as const;
    expect((await start({ turns: [{ text: "ok" }] }, { messages }, { profile })).trims).toHaveLength(1);
  });

  test("is shortened after the server's refusal, too, by the window that it names", async () => {
    const refusal = {
      status: 400,
      message:
        "This model's maximum context length is 2000 tokens. However, your prompt contains at least 2001 input tokens",
    };
    const { bodies, trims, result } = await start(
      { turns: [calling(3), calling(2), calling(1), { refusal }, { text: "Done." }] },
      { tools: [read(3000)], max_tokens: 100 },
    );
    expect(result.text).toBe("Done.");
    expect(trims).toEqual([{ type: "history_trimmed", droppedMessages: 4, shortenedResults: 0, contextWindow: 2000 }]);
    expect(bodies.at(-1)?.messages.map(({ role }) => role)).toEqual(["system", "user", "assistant", "tool"]);
  });

  test("that cannot be shortened is the server's refusal", async () => {
    const refusal = {
      status: 400,
      message:
        "This model's maximum context length is 2000 tokens. However, your prompt contains at least 2001 input tokens",
    };
    await expect(start({ turns: [{ refusal }] }, {})).rejects.toMatchObject({
      code: "CONTEXT_LENGTH_EXCEEDED",
      maxModelLen: 2000,
    });
  });
});
