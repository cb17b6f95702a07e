import { verifies } from "@vllm-tooling/contract";
import { listFixtures, loadFixture, type Fixture } from "@vllm-tooling/fixtures";
import { createVllmClient } from "@vllm/client";
import { describe, expect, test } from "vitest";
import { checkChunkings, checkCuts } from "./support/check-pieces.ts";
import { collect, partialOf, type Collected } from "./support/collect.ts";
import { choicesOf, playing, toPlayback } from "./support/play.ts";
import { readAnswers, readChunks } from "./support/referee.ts";

const streams = listFixtures({ path: "/v1/chat/completions", streamed: true });

test("there are recordings of every generation", () => {
  expect(streams.length).toBeGreaterThan(300);
  expect(new Set(streams.map((entry) => entry.version))).toEqual(
    new Set(["0.9.2", "0.10.2", "0.12.0", "0.24.0", "0.32.0", "routers"]),
  );
});

describe.each(streams.map((entry) => entry.id))("%s", (id) => {
  const fixture = loadFixture(id);
  const { body } = fixture.response;

  verifies(["client/stream-every-recording", "client/stream-one-end"], async () => {
    const client = createVllmClient({
      fetch: playing(toPlayback(fixture)),
      timeouts: { firstTokenMs: 200, idleMs: 200 },
      retry: { maxRetries: 0 },
    });
    checkAgainstReferee(fixture, await collect(client.chat({ model: "tiny", messages: [], n: choicesOf(fixture) })));
  });

  test("any chunking gives the same events, with and without the fast path", () => {
    checkChunkings(body, [body.length > 20_000 ? [100, 1] : [1], [body.length + 1], 1]);
  });

  test("any cut gives a prefix, and never a finished answer that is not one", () => checkCuts(body, 8));
});

function checkAgainstReferee(fixture: Fixture, { error, result, events }: Collected): void {
  if (fixture.response.end !== "complete") {
    expect(["STREAM_ENDED_EARLY", "STREAM_IDLE_TIMEOUT", "REQUEST_TIMEOUT"]).toContain(error?.code);
    return;
  }
  const chunks = readChunks(fixture.response.body);
  const answers = readAnswers(chunks);
  const first = answers.get(0);
  if (chunks.some((chunk) => chunk.error !== undefined)) {
    expect(error?.code).toMatch(/^(ENGINE_FAILED|INVALID_REQUEST|SERVER_ERROR)$/);
    expect(partialOf(error)).toMatchObject({ text: first?.text ?? "", thinking: first?.thinking ?? "" });
    return;
  }
  expect(error).toBeUndefined();
  expect(result?.id).toBe(chunks[0]?.id);
  expect(result?.usage).toEqual(chunks.findLast((chunk) => chunk.usage)?.usage ?? undefined);
  expect(result?.choices.map((choice) => choice.choiceIndex)).toEqual([...answers.keys()].toSorted());
  for (const choice of result?.choices ?? []) {
    const answer = answers.get(choice.choiceIndex)!;
    expect(choice).toMatchObject({ text: answer.text, thinking: answer.thinking, finishReason: answer.finishReason });
    expect(choice.toolCalls.map(({ id, name, argumentsText }) => ({ id, name, argumentsText }))).toEqual(answer.calls);
    const own = events.filter((event) => "choiceIndex" in event && event.choiceIndex === choice.choiceIndex);
    const joined = (type: string) =>
      own.map((event) => (event.type === type && "delta" in event ? event.delta : "")).join("");
    expect(joined("text_delta")).toBe(answer.text);
    expect(joined("thinking_delta")).toBe(answer.thinking);
    expect(joined("toolcall_delta")).toBe(answer.calls.map((call) => call.argumentsText).join(""));
  }
}
