import { describe, expect, test } from "vitest";
import { verifies } from "@vllm-tooling/contract";
import { useFakeServers } from "@vllm-tooling/fake-vllm/vitest";
import { lastWordsOf, messagesOf, run, says, TOOLS } from "../../test/stream-harness.ts";

const start = useFakeServers();

describe("a call that is not whole", () => {
  verifies.each("agent/openclaw/truncated-call", ["tool-unclosed", "tool-bad-json"], async (recording) => {
    const server = await start({ scenario: [`0.32.0/lab/${recording}`, "0.32.0/lab/tool-one"] });
    const { turn, bodies, warnings } = await run(server, says("go"));
    expect(bodies).toHaveLength(2);
    const again = messagesOf(bodies[1]).slice(-2);
    expect(again.map(({ role }) => role)).toEqual(["assistant", "tool"]);
    expect(again[1]?.content).toMatch(/Send (the whole call|the call) again/);
    expect(turn.content.filter((block) => block.type === "toolCall")).toMatchObject([{ name: "get_weather" }]);
    expect(warnings[0]).toContain("the model is asked again");
  });

  verifies("agent/openclaw/truncated-call", "twice is an error, and the calls are not in the turn", async () => {
    const server = await start({ scenario: "0.32.0/lab/tool-unclosed" });
    const { turn, bodies } = await run(server, says("go"));
    expect(bodies).toHaveLength(2);
    expect(lastWordsOf({ turn })).toMatch(/^⚠️ .* was not complete, twice; it was not run/);
    expect(turn.content.some((block) => block.type === "toolCall")).toBe(false);
  });

  verifies("agent/openclaw/calls-by-index", "repeated ids are told apart", async () => {
    const server = await start({ scenario: "malformed/tool-calls/same-id-twice" });
    const { turn } = await run(server, says("go"));
    const ids = turn.content.flatMap((block) => (block.type === "toolCall" ? [block.id] : []));
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.length).toBeGreaterThan(1);
  });
});

describe("servers without the right parser", () => {
  verifies("agent/openclaw/leaked-call", "and nothing of it is shown", async () => {
    const server = await start({ scenario: "0.32.0/leak-hermes/leak-one" });
    const { turn, warnings } = await run(server, says("go"));
    expect(turn.stopReason).toBe("toolUse");
    expect(turn.content.filter((block) => block.type === "toolCall")).toMatchObject([{ name: "get_weather" }]);
    expect(JSON.stringify(turn.content)).not.toContain("tool_call>");
    expect(warnings.join()).toContain("--tool-call-parser");
  });

  verifies(
    "agent/openclaw/leaked-call",
    "not when that is switched off, nor for a tool that the request does not have",
    async () => {
      const server = await start({ scenario: "0.32.0/leak-hermes/leak-one" });
      const off = await run(server, says("go"), { settings: { recoverToolCalls: false } });
      expect(off.turn.stopReason).toBe("stop");
      const other = await run(server, says("go", { tools: TOOLS.slice(1) }));
      expect(other.turn.content.some((block) => block.type === "toolCall")).toBe(false);
    },
  );

  verifies("agent/openclaw/leaked-reasoning", "with its tags", async () => {
    const server = await start({ scenario: "0.32.0/no-reasoning-parser/hello" });
    const { turn } = await run(server, says("Hello"));
    expect(turn.content[0]).toMatchObject({ type: "thinking" });
    expect(JSON.stringify(turn.content.slice(1))).not.toContain("think>");
  });

  verifies("agent/openclaw/leaked-reasoning", "without its opening tag", async () => {
    const server = await start({ scenario: "0.32.0/lab/think-not-opened" });
    const { turn } = await run(server, says("Hello"));
    expect(turn.content).toMatchObject([{ type: "thinking" }, { type: "text", text: expect.stringMatching(/\S/) }]);
    expect(JSON.stringify(turn.content)).not.toContain("think>");
  });

  verifies("agent/openclaw/tool-parser-missing", "and is remembered", async () => {
    const server = await start({ config: "0.32.0/no-tool-parser", scenario: "0.32.0/leak-hermes/leak-one" });
    const profile = { toolFormat: { value: "hermes", source: "probed", evidence: "test" } } as const;
    const { turn, bodies, warnings } = await run(server, says("go"), { profile });
    expect(bodies).toHaveLength(2);
    expect(turn.stopReason).toBe("toolUse");
    expect(warnings.join()).toContain("--enable-auto-tool-choice");
  });
});

test("the conversation keeps to one server behind a router", async () => {
  const server = await start();
  for (const sessionId of ["s-1", "s-1", "s-2"]) await run(server, says("Hello"), { options: { sessionId } });
  const [first, second, other] = server.requests.map((request) => request.headers["x-session-id"]);
  expect(first).toBeDefined();
  expect([second === first, other === first]).toEqual([true, false]);
});
