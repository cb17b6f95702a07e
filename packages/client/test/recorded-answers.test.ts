import { verifies } from "@vllm-tooling/contract";
import { listFixtures, loadFixture } from "@vllm-tooling/fixtures";
import { createVllmClient, VLLM_ERROR_CODES } from "@vllm/client";
import { describe, expect, test } from "vitest";
import { collect } from "./support/collect.ts";
import { choicesOf, playing, toPlayback } from "./support/play.ts";

const whole = listFixtures({ path: "/v1/chat/completions", streamed: false }).filter(
  (entry) => entry.end === "complete" && entry.method === "POST",
);
const answers = whole.filter((entry) => entry.status === 200).map((entry) => entry.id);
const refusals = whole.filter((entry) => entry.status >= 400).map((entry) => entry.id);

interface WireAnswer {
  id: string;
  usage: object;
  choices: {
    index: number;
    finish_reason: string;
    message: {
      content: string | null;
      reasoning?: string | null;
      reasoning_content?: string | null;
      tool_calls?: { id: string; function: { name: string; arguments: string } }[];
    };
  }[];
}

function clientOf(id: string) {
  return createVllmClient({
    apiKey: "sk-planted-4711",
    headers: { "x-tenant": "planted-tenant" },
    fetch: playing(toPlayback(loadFixture(id))),
    retry: { maxRetries: 0 },
  });
}

describe("answers that are not streamed come as the same events", () => {
  test.each(answers)("%s", async (id) => {
    const fixture = loadFixture(id);
    const wire = JSON.parse(new TextDecoder().decode(fixture.response.body)) as WireAnswer;
    const params = { model: "tiny", messages: [], stream: false, n: choicesOf(fixture) };
    const { error, result, events } = await collect(clientOf(id).chat(params));
    expect(error).toBeUndefined();
    expect(result).toMatchObject({ id: wire.id, usage: wire.usage });
    for (const { index, message, finish_reason: finishReason } of wire.choices) {
      const choice = result?.choices.find((candidate) => candidate.choiceIndex === index);
      expect(choice).toMatchObject({
        finishReason,
        text: message.content ?? "",
        thinking: message.reasoning ?? message.reasoning_content ?? "",
      });
      expect(choice?.toolCalls.map(({ id, name, argumentsText }) => ({ id, name, argumentsText }))).toEqual(
        (message.tool_calls ?? []).map((call) => ({
          id: call.id,
          name: call.function.name,
          argumentsText: call.function.arguments,
        })),
      );
    }
    expect(events[0]).toMatchObject({ type: "start", id: wire.id });
    const opened = events.filter((event) => event.type.endsWith("_start")).length;
    expect(events.filter((event) => event.type.endsWith("_end"))).toHaveLength(opened);
  });
});

describe("refusals become errors that show no secret", () => {
  verifies.each("client/stream-no-secrets", refusals, async (id) => {
    const { error } = await collect(clientOf(id).chat({ model: "tiny", messages: [] }));
    expect(VLLM_ERROR_CODES).toContain(error?.code);
    const shown = `${error?.message} ${error?.hint} ${JSON.stringify(error)}`;
    expect(shown).not.toMatch(/undefined|\[object|sk-planted|planted-tenant/);
    expect(error?.partial).toEqual({ text: "", thinking: "", toolCalls: [] });
  });
});
