import * as fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import type { Turn } from "./conversation.ts";
import { answerRoom, fitHistory } from "./fit-history.ts";
import type { ChatMessage } from "./message.ts";

const system = "s";
/** One token for a character: a server's count that the estimate does not know. */
const lengthOf = (messages: readonly ChatMessage[]): number =>
  messages.reduce((sum, { content }) => sum + String(content).length, 0);
const countCharacters = async (messages: readonly ChatMessage[]): Promise<number | undefined> => lengthOf(messages);

const turnOf = (name: string, size: number): Turn => [
  { role: "user", content: name },
  { role: "assistant", content: "x".repeat(size) },
];
const toolTurn = (name: string, ...results: number[]): Turn => [
  { role: "user", content: name },
  ...results.flatMap((size, index): ChatMessage[] => [
    {
      role: "assistant",
      content: null,
      tool_calls: [{ id: `${index}`, type: "function", function: { name: "t", arguments: "{}" } }],
    },
    { role: "tool", tool_call_id: `${index}`, content: "r".repeat(size) },
  ]),
];
const silent = async (): Promise<undefined> => undefined;
const fit = (turns: readonly Turn[], contextWindow: number | undefined, countTokens = countCharacters) =>
  fitHistory({ system, turns }, { contextWindow, tools: [], countTokens });

describe("fitHistory", () => {
  test("what surely fits is not even counted", async () => {
    const count = vi.fn(countCharacters);
    const turns = [turnOf("a", 100), turnOf("b", 100)];
    expect(await fit(turns, 10_000, count)).toEqual({ turns, droppedTurns: 0, shortenedResults: 0 });
    expect(count).not.toHaveBeenCalled();
  });

  test("the server's count decides in between", async () => {
    const turns = [turnOf("a", 300), turnOf("b", 300)];
    expect((await fit(turns, 1000)).droppedTurns).toBe(0);
    expect((await fit(turns, 600)).droppedTurns).toBe(1);
  });

  test("an estimate decides when the server does not count", async () => {
    const turns = [turnOf("a", 3000), turnOf("b", 300)];
    expect((await fit(turns, 2000, silent)).droppedTurns).toBe(0);
    expect((await fit(turns, 1000, silent)).droppedTurns).toBe(1);
  });

  test("the oldest turns go, whole, and the running one stays", async () => {
    const turns = [turnOf("a", 400), toolTurn("b", 400), turnOf("c", 300), [{ role: "user", content: "d" } as const]];
    const result = await fit(turns, 800);
    expect(result.turns).toEqual(turns.slice(2));
    expect(result.droppedTurns).toBe(2);
  });

  test("many small turns go in few counts", async () => {
    const turns = Array.from({ length: 200 }, (_, index) => turnOf(`${index}`, 100));
    const count = vi.fn(countCharacters);
    const result = await fit(turns, 4000, count);
    expect(lengthOf(result.turns.flat())).toBeLessThanOrEqual(3000);
    expect(result.turns.length).toBeGreaterThan(20);
    expect(count.mock.calls.length).toBeLessThan(6);
  });

  test("when only the running turn is left, its oldest results are shortened", async () => {
    const turns = [turnOf("old", 100), toolTurn("now", 900, 900)];
    const result = await fit(turns, 1600);
    expect(result).toMatchObject({ droppedTurns: 1, shortenedResults: 1 });
    const results = result.turns[0]?.filter(({ role }) => role === "tool").map(({ content }) => content);
    expect(results).toEqual([
      `${"r".repeat(200)}\n[shortened to fit the context window: it had 900 characters]`,
      "r".repeat(900),
    ]);
  });

  test("what cannot be made to fit is left for the server to refuse", async () => {
    const turns: Turn[] = [[{ role: "user", content: "q".repeat(5000) }]];
    expect(await fit(turns, 1000)).toEqual({ turns, droppedTurns: 0, shortenedResults: 0 });
  });

  test("an unknown window drops nothing", async () => {
    const turns = [turnOf("a", 100_000), turnOf("b", 100_000)];
    expect((await fit(turns, undefined)).turns).toBe(turns);
  });

  test("a quarter of the window is kept for the answer, at most 4096 tokens", () => {
    expect([2048, 4096, 16_384, 131_072].map(answerRoom)).toEqual([512, 1024, 4096, 4096]);
  });

  test("keeps a suffix of whole turns that fits, whatever the conversation", async () => {
    const turn = fc.oneof(
      fc.tuple(fc.string(), fc.nat(2000)).map(([name, size]) => turnOf(name, size)),
      fc.array(fc.nat(2000), { minLength: 1, maxLength: 4 }).map((sizes) => toolTurn("t", ...sizes)),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(turn, { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 500, max: 8000 }),
        async (turns, window) => {
          const result = await fit(turns, window);
          expect(result.turns.length).toBe(turns.length - result.droppedTurns);
          expect(result.turns.slice(0, -1)).toEqual(turns.slice(result.droppedTurns, -1));
          expect(result.turns.at(-1)?.map(({ role }) => role)).toEqual(turns.at(-1)?.map(({ role }) => role));
          const fits =
            lengthOf([{ role: "system", content: system }, ...result.turns.flat()]) <= window - answerRoom(window);
          const hasLongResult = result.turns
            .at(-1)
            ?.some(({ role, content }) => role === "tool" && String(content).length > 400);
          expect(fits || (result.turns.length === 1 && hasLongResult !== true)).toBe(true);
        },
      ),
      { numRuns: 200 },
    );
  });
});
