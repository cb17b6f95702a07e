import { expect, test } from "vitest";
import { listFixtures, loadFixture, toReading, type Fixture } from "@vllm-tooling/fixtures";
import type { Target } from "../src/index.ts";

/** What the lab was asked, as far as the same question must get the same answer again: every chat, and all that was refused. */
export const askedOfTheLab: readonly string[] = listFixtures({ version: "0.32.0", config: "lab" })
  .filter((entry) => entry.end === "complete" && (isChat(entry) || (entry.status >= 400 && entry.method !== "OPTIONS")))
  .map((entry) => entry.id)
  .filter((id) => isRepeatable(loadFixture(id)));

function isChat({ method, path }: { method: string; path: string }): boolean {
  return method === "POST" && path === "/v1/chat/completions";
}

/** Asks a server what the lab was asked, and compares: text, thought, calls, finish reason, or the refusal word for word. */
export function expectSameAnswers(target: Target, ids: readonly string[]): void {
  test.each(ids)("%s", async (id) => {
    const fixture = loadFixture(id);
    const { method, path, bodyText, body } = fixture.request;
    const served = await target.serve("demo");
    const response = await fetch(`${served.baseUrl.replace(/\/v1$/, "")}${path}`, {
      method,
      headers: askedHeaders(fixture),
      ...(method === "GET" || method === "HEAD" ? {} : { body: bodyText ?? JSON.stringify(body) }),
    });
    expect(response.status).toBe(fixture.response.status);
    expect(toComparable(new Uint8Array(await response.arrayBuffer()))).toEqual(toComparable(fixture.response.body));
  });
}

/** Not kept whole, or drawn at random. */
function isRepeatable({ request }: Fixture): boolean {
  const body = request.body as { temperature?: number; n?: number; logprobs?: boolean } | undefined;
  return !("bodyNote" in request) && body?.temperature !== 1 && body?.logprobs !== true;
}

/** Without those that any client sends. */
function askedHeaders({ request }: Fixture): Record<string, string> {
  const own = request.headers.map(([name, value]) => [name.toLowerCase(), value] as const);
  const asked = own.filter(([name]) => name === "content-type" || name.startsWith("x-"));
  return { "content-type": "application/json", ...Object.fromEntries(asked) };
}

interface Answer {
  choices?: {
    message: { content: unknown; reasoning?: unknown; tool_calls?: { function: unknown }[] };
    finish_reason: unknown;
  }[];
}

/** Ids, times and token counts aside. */
function toComparable(body: Uint8Array): unknown {
  const text = new TextDecoder().decode(body);
  if (text === "") return text;
  if (text.startsWith("data: ")) {
    const { toolCalls, ...reading } = toReading(body);
    return { ...reading, toolCalls: toolCalls.map(({ id: _id, ...call }) => call) };
  }
  const answer = JSON.parse(text) as Answer;
  if (!answer.choices) return answer;
  return answer.choices.map(({ message, finish_reason }) => ({
    content: message.content,
    reasoning: message.reasoning,
    calls: message.tool_calls?.map((call) => call.function),
    finish_reason,
  }));
}
