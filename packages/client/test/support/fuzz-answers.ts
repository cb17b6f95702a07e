import { listFixtures, loadFixture } from "@vllm-tooling/fixtures";
import { createVllmClient, VLLM_ERROR_CODES, type FetchFunction, type VllmClient } from "@vllm/client";
import * as fc from "fast-check";
import { expect } from "vitest";
import { collect } from "./collect.ts";
import { junk, wireChunk } from "./hostile-values.ts";

const recorded = listFixtures({ path: "/v1/chat/completions", streamed: false })
  .filter(({ end, method, status }) => end === "complete" && method === "POST" && status === 200)
  .map(({ id }) => new TextDecoder().decode(loadFixture(id).response.body));

/** Small ones, so that values of every size around them are cheap to make. */
const limits = { answerBytes: 200_000, argumentsLength: 2000, nesting: 50 };
const TOOL = {
  type: "function",
  function: { name: "get_weather", parameters: { type: "object", properties: {} } },
} as const;
const PARAMS = {
  model: "m",
  messages: [{ role: "user", content: "hello" }],
  tools: [TOOL],
  n: 2,
  stream: false,
} as const;

const deep = fc
  .tuple(fc.constantFrom('{"a":', "[", '{"choices":['), fc.integer({ min: 1, max: 12_000 }))
  .map(([open, levels]) => {
    const close = open.endsWith("[") ? (open.startsWith("{") ? "]}" : "]") : "}";
    return `${open.repeat(levels)}1${close.repeat(levels)}`;
  });
const large = fc.integer({ min: 1, max: 300_000 }).map((length) => JSON.stringify("x".repeat(length)));
/** The JSON of a value that may stand anywhere. */
const anyJson = fc.oneof(
  { weight: 6, arbitrary: junk.map((value) => JSON.stringify(value)) },
  { weight: 2, arbitrary: deep },
  { weight: 1, arbitrary: deep.map((json) => JSON.stringify(json)) },
  { weight: 1, arbitrary: large },
  fc.constantFrom("1e400", "-0", "12345678901234567890", '"\\ud800"', '"<think>"', '"```"', '"<tool_call>{\\"name\\""'),
);

const PLACE = "\uE000place\uE000";
/** A recorded answer in which one value, of any depth, is another one, is doubled, or is gone. */
const changedValue = fc
  .tuple(fc.constantFrom(...recorded), fc.nat(), anyJson, fc.constantFrom("replace", "replace", "double", "remove"))
  .map(([text, at, json, how]) => {
    const places: [holder: Record<string, unknown>, key: string][] = [];
    const visit = (holder: unknown): void => {
      if (typeof holder !== "object" || holder === null) return;
      for (const key of Object.keys(holder)) {
        places.push([holder as Record<string, unknown>, key]);
        visit((holder as Record<string, unknown>)[key]);
      }
    };
    const answer: unknown = JSON.parse(text);
    visit(answer);
    const [holder, key] = places[at % places.length]!;
    if (how === "remove") delete holder[key];
    else holder[key] = how === "double" ? [holder[key], holder[key]] : PLACE;
    return JSON.stringify(answer).replace(`"${PLACE}"`, () => json);
  });
/** A recorded answer with other bytes in some places, cut, or with a piece twice. */
const changedBytes = fc
  .tuple(
    fc.constantFrom(...recorded),
    fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 4 }),
    fc.tuple(fc.nat(), fc.nat(), fc.constantFrom("keep", "keep", "cut", "twice")),
  )
  .map(([text, changes, [from, length, how]]) => {
    const bytes = new TextEncoder().encode(text);
    for (const [position, byte] of changes) bytes[position % bytes.length] = byte;
    const start = from % bytes.length;
    if (how === "cut") return bytes.subarray(0, start);
    if (how === "keep") return bytes;
    const piece = bytes.subarray(start, start + (length % 200));
    return new Uint8Array([...bytes.subarray(0, start), ...piece, ...bytes.subarray(start)]);
  });

export const wholeAnswers = fc.oneof(
  { weight: 3, arbitrary: changedValue },
  { weight: 2, arbitrary: changedBytes },
  { weight: 2, arbitrary: wireChunk.map((value) => JSON.stringify(value)) },
  { weight: 1, arbitrary: anyJson },
);

/** A client with every way of reading switched on. */
export function createFuzzedClient(options: { fetch?: FetchFunction; baseUrl?: string }): VllmClient {
  return createVllmClient({
    ...options,
    limits,
    retry: { maxRetries: 0 },
    recover: { thinkTags: true, toolCallText: true },
  });
}

/** Whatever the answer is: one end, an error of ours without an inner one, and a result that can be written down. */
export async function checkAnswer(client: VllmClient): Promise<void> {
  const { error, result } = await collect(client.chat(PARAMS));
  expect(error === undefined).toBe(result !== undefined);
  if (error === undefined) JSON.stringify(result);
  else {
    expect(VLLM_ERROR_CODES).toContain(error.code);
    expect(error.cause).toBeUndefined();
    JSON.stringify([error, error.partial]);
  }
}

/** Runs so many answers through a client over `fetch`. */
export async function fuzzAnswers(numRuns: number, contentType: string): Promise<void> {
  let body: string | Uint8Array = "";
  const client = createFuzzedClient({
    fetch: async () => new Response(body as BodyInit, { headers: { "content-type": contentType } }),
  });
  await fc.assert(
    fc.asyncProperty(wholeAnswers, async (answer) => {
      body = answer;
      await checkAnswer(client);
    }),
    { numRuns },
  );
}
