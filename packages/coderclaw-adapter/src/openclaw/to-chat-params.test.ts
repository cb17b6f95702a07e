import { describe, expect, test } from "vitest";
import { verifies } from "@vllm-tooling/contract";
import { useFakeServers } from "@vllm-tooling/fake-vllm/vitest";
import { messagesOf, run, says } from "../../test/stream-harness.ts";
import type { AgentContext } from "./stream-types.ts";

const start = useFakeServers();

describe("what is sent", () => {
  const history: AgentContext["messages"] = [
    { role: "user", content: "go" },
    {
      role: "assistant",
      content: [
        { type: "thinking", thinking: "I think.", thinkingSignature: "reasoning" },
        { type: "text", text: "Let me look." },
        { type: "toolCall", id: "chatcmpl-tool-1a", name: "exec", arguments: { command: "ls" } },
      ],
    },
    {
      role: "toolResult",
      toolCallId: "chatcmpl-tool-1a",
      toolName: "exec",
      content: [{ type: "text", text: "a.txt" }],
    },
  ];

  verifies(["agent/openclaw/reasoning-replayed", "agent/openclaw/call-ids-kept"], async () => {
    const server = await start();
    const { bodies } = await run(server, says("", { messages: history }));
    expect(bodies[0]?.["messages"]).toMatchObject([
      { role: "system" },
      { role: "user", content: "go" },
      {
        role: "assistant",
        content: "Let me look.",
        reasoning: "I think.",
        tool_calls: [{ id: "chatcmpl-tool-1a", function: { name: "exec", arguments: '{"command":"ls"}' } }],
      },
      { role: "tool", tool_call_id: "chatcmpl-tool-1a", content: "a.txt" },
    ]);
  });

  verifies(
    ["agent/openclaw/known-fields-only", "agent/openclaw/developer-role", "agent/openclaw/usage-in-streams"],
    "of a request",
    async () => {
      const server = await start();
      const { bodies } = await run(server, says("Hello"), { model: { reasoning: true, maxTokens: 100 } });
      const [body] = bodies;
      for (const key of ["store", "parallel_tool_calls", "max_completion_tokens", "temperature"])
        expect(body).not.toHaveProperty(key);
      expect(body).toMatchObject({ max_tokens: 100, stream: true, stream_options: { include_usage: true } });
      expect(JSON.stringify(body)).not.toContain('"strict"');
      expect(JSON.stringify(body)).not.toContain('"developer"');
    },
  );

  test("turns that failed are not sent again; a call without a result gets one", async () => {
    const server = await start();
    const messages: AgentContext["messages"] = [
      { role: "user", content: "go" },
      { role: "assistant", stopReason: "error", content: [{ type: "text", text: "⚠️ no server" }] },
      { role: "assistant", content: [{ type: "toolCall", id: "c1", name: "exec", arguments: {} }] },
      { role: "user", content: "and?" },
    ];
    const { bodies } = await run(server, says("", { messages }));
    expect(bodies[0]?.["messages"]).toMatchObject([
      { role: "system" },
      { role: "user" },
      { role: "assistant", tool_calls: [{ id: "c1" }] },
      { role: "tool", tool_call_id: "c1", content: "No result provided" },
      { role: "user", content: "and?" },
    ]);
  });

  verifies("agent/openclaw/pictures", "in a request", async () => {
    const server = await start();
    const picture = { type: "image" as const, data: "aGk=", mimeType: "image/png" };
    const messages: AgentContext["messages"] = [{ role: "user", content: [{ type: "text", text: "See" }, picture] }];
    const blind = await run(server, says("", { messages }));
    expect(JSON.stringify(blind.bodies[0]?.["messages"])).toContain("(image omitted: the model does not take it)");
    const seeing = await run(server, says("", { messages }), { model: { input: ["text", "image"] } });
    expect(JSON.stringify(seeing.bodies.at(-1)?.["messages"])).toContain("data:image/png;base64,aGk=");
  });

  verifies("agent/openclaw/thinking-switch", "in a request", async () => {
    const server = await start();
    const thinking = {
      value: {
        default: "on",
        on: { chat_template_kwargs: { enable_thinking: true } },
        off: { chat_template_kwargs: { enable_thinking: false } },
      },
      source: "probed",
      evidence: "test",
    } as const;
    const model = { reasoning: true };
    const levels = ["off", "low", undefined] as const;
    for (const reasoning of levels)
      await run(server, says("Hello"), { model, profile: { thinking }, options: { reasoning } });
    const sent = server.requests
      .filter(({ path }) => path.endsWith("/chat/completions"))
      .map(({ body }) => body as Record<string, unknown>);
    expect(sent.map((body) => body["chat_template_kwargs"])).toEqual([
      { enable_thinking: false },
      { enable_thinking: true },
      undefined,
    ]);
    expect(sent.every((body) => body["reasoning_effort"] === undefined)).toBe(true);
  });

  verifies("agent/openclaw/consecutive-user-messages", "merged in a request", async () => {
    const server = await start();
    const rules = {
      laterSystem: "kept",
      secondSystem: "kept",
      developerRole: "kept",
      consecutiveUser: "rejected",
      toolCallIds: "any",
      reasoningReplay: "unknown",
    } as const;
    const messages: AgentContext["messages"] = [
      { role: "user", content: "one" },
      { role: "user", content: [{ type: "text", text: "two" }] },
    ];
    const history = { value: rules, source: "probed", evidence: "test" } as const;
    const { bodies } = await run(server, says("", { messages }), { profile: { history } });
    expect(messagesOf(bodies[0]).map(({ role }) => role)).toEqual(["system", "user"]);
  });

  verifies("agent/openclaw/mistral-call-ids", async () => {
    const server = await start();
    const rules = {
      laterSystem: "kept",
      secondSystem: "kept",
      developerRole: "kept",
      consecutiveUser: "kept",
      toolCallIds: "mistral",
      reasoningReplay: "unknown",
    } as const;
    const { bodies } = await run(server, says("", { messages: history }), {
      profile: { history: { value: rules, source: "probed", evidence: "test" } },
    });
    const [, , assistant, result] = messagesOf(bodies[0]);
    expect(assistant?.tool_calls?.[0]?.id).toMatch(/^[A-Za-z0-9]{9}$/);
    expect(result?.tool_call_id).toBe(assistant?.tool_calls?.[0]?.id);
  });

  test("what the configuration's params and the agent's payload hook say is sent", async () => {
    const server = await start();
    const params = { chat_template_kwargs: { a: 1 }, extra_body: { top_k: 5 } };
    const onPayload = (payload: unknown) => ({ ...(payload as object), vllm_xargs: { b: 2 } });
    const { bodies } = await run(server, says("Hello"), {
      model: { params },
      options: { onPayload, temperature: 0.5 },
    });
    expect(bodies[0]).toMatchObject({
      chat_template_kwargs: { a: 1 },
      top_k: 5,
      vllm_xargs: { b: 2 },
      temperature: 0.5,
    });
  });
});
