import { afterEach, expect, test } from "vitest";
import { post, setUp, tearDown, TOOLS } from "./bridge-harness.ts";

afterEach(tearDown);

const SYSTEM = { role: "system", content: "You are an agent." };
const HELLO = { role: "user", content: "Hello" };

test.each([
  ["system, tools and the first question", [SYSTEM, HELLO], TOOLS, true],
  ["a developer message instead", [{ ...SYSTEM, role: "developer" }, HELLO], TOOLS, true],
  ["what the agent says in the user's name", [SYSTEM, HELLO, HELLO], TOOLS, true],
  ["a title, which needs no tools", [SYSTEM, HELLO], undefined, undefined],
  ["a second question", [SYSTEM, HELLO, { role: "assistant", content: "Hi" }, HELLO], TOOLS, undefined],
])("the log knows a prompt that is the agent's own: %s", async (_, messages, tools, isOpening) => {
  const { baseUrl, log } = await setUp({ scenario: "hello-stream" });
  await post(baseUrl, { model: "lab/tiny", messages, tools });
  expect(log[0]).toMatchObject({ ending: "ok" });
  expect(log[0]?.isOpening).toBe(isOpening);
});

test("the log counts a broken call that was asked for again", async () => {
  const { baseUrl, log } = await setUp({ scenario: ["0.32.0/hermes-qwen3/tool-cut", "hello-stream"] });
  await post(baseUrl, { model: "lab/tiny", messages: [HELLO], tools: TOOLS });
  expect(log[0]).toMatchObject({ attempts: 2, retriedCalls: 1 });
});
