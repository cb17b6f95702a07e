import { createVllmClient, VllmError, type ChatReply } from "@vllm/client";
import { verifies } from "@vllm-tooling/contract";
import { isLabSupported, startLab, type Lab, type StartLabOptions } from "@vllm-tooling/vllm-lab";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { collect, partialOf } from "../support/collect.ts";
import { HELLO, PARIS, paramsOf, shownOf, WEATHER } from "./conversation.ts";

/** What only a server of its own can show: other flags, other keys, a server that dies. One server at a time. */
const isWanted = process.env["VLLM_LIVE_BASE_URL"] !== undefined && (await isLabSupported()).supported;

const HELLO_QUESTION = { messages: [{ role: "user" as const, content: "Hello" }], temperature: 0 };
const LONG_QUESTION = {
  messages: [{ role: "user" as const, content: "very long answer" }],
  temperature: 0,
  max_tokens: 3000,
};

function describeLab(name: string, options: StartLabOptions, define: (lab: () => Lab) => void): void {
  describe.runIf(isWanted)(name, () => {
    let lab: Lab | undefined;
    beforeAll(async () => {
      lab = await startLab(options);
    });
    afterAll(() => lab?.stop());
    define(() => lab!);
  });
}

/** Reads an answer, and does something to the server once there is some text. Gives the error and the text that was read. */
async function breakInText(reply: ChatReply, act: () => void): Promise<{ error: VllmError; text: string }> {
  let text = "";
  try {
    for await (const event of reply) {
      if (event.type !== "text_delta") continue;
      if (text.length < 100 && text.length + event.delta.length >= 100) act();
      text += event.delta;
    }
  } catch (error) {
    if (!VllmError.isInstance(error)) throw error;
    return { error, text };
  }
  throw new Error("The answer came whole.");
}

describeLab("a server with a key and without parsers", { apiKey: "sk-lab-4711", withoutParsers: true }, (lab) => {
  const client = (options = {}) =>
    createVllmClient({ baseUrl: lab().baseUrl, apiKey: "sk-lab-4711", model: "lab/tiny", ...options });

  verifies("client/peers-15", async () => {
    const { error } = await collect(client({ apiKey: "sk-wrong-4711" }).chat(HELLO_QUESTION));
    expect(error).toMatchObject({ code: "AUTHENTICATION_FAILED", status: 401 });
    expect(shownOf(error)).not.toMatch(/(?<!\d)4711(?!\d)/);
  });

  verifies("client/peers-12", async () => {
    const { error } = await collect(client().chat({ ...HELLO_QUESTION, tools: [WEATHER] }));
    expect(error).toMatchObject({
      code: "TOOL_PARSER_NOT_ENABLED",
      hint: expect.stringMatching(/--enable-auto-tool-choice.*--tool-call-parser/),
    });
    const { messages } = paramsOf("0.32.0/lab/tool-one");
    const recovering = client({ recover: { toolCallText: true, thinkTags: true } });
    const result = await recovering.complete({ messages, temperature: 0, tools: [WEATHER] });
    expect(result.toolCalls).toMatchObject([{ name: "get_weather", arguments: PARIS, recovered: true }]);
    expect(result.warnings.map(({ code }) => code)).toEqual(["tools-in-text"]);
  });

  verifies("client/wire-65", async () => {
    for (const tool_choice of ["required", { type: "function", function: { name: "get_weather" } }] as const) {
      const { error } = await collect(client().chat({ ...HELLO_QUESTION, tools: [WEATHER], tool_choice }));
      expect(error?.code).toBe("TOOL_PARSER_NOT_ENABLED");
    }
  });

  verifies("client/wire-28", async () => {
    const { error } = await collect(client().chat({ ...HELLO_QUESTION, thinking_token_budget: 8 }));
    expect(`${error?.message} ${error?.hint}`).toContain("--reasoning-parser");
  });

  verifies("client/peers-26a", async () => {
    const warned = await client().complete(HELLO_QUESTION);
    expect(warned.text).toContain("</think>");
    expect(warned.warnings).toMatchObject([{ code: "thinking-in-text" }]);
    const result = await client({ recover: { thinkTags: true } }).complete(HELLO_QUESTION);
    expect(result.text.trim()).toBe(HELLO.trim());
    expect(result.thinking).toContain("The user greets me.");
  });

  verifies("client/peers-26b", async () => {
    // With tool_choice none the server takes tools without a parser; the model calls all the same.
    const { messages } = paramsOf("0.32.0/lab/tool-one");
    const { warnings } = await client().complete({ messages, temperature: 0, tools: [WEATHER], tool_choice: "none" });
    expect(warnings.map(({ code }) => code)).toContain("tool-call-in-text");
    const recovering = client({
      recover: { toolCallText: true, thinkTags: true },
      profile: {
        id: "lab/tiny",
        contextWindow: { value: 32_768, source: "user", evidence: "by hand" },
        input: { value: ["text"], source: "user", evidence: "by hand" },
        toolCalling: { value: "no", source: "user", evidence: "by hand" },
        reasoning: { value: "no", source: "user", evidence: "by hand" },
      },
    });
    const result = await recovering.complete({ messages, temperature: 0, tools: [WEATHER] });
    expect(result.toolCalls).toMatchObject([{ name: "get_weather", arguments: PARIS, recovered: true }]);
  });

  verifies("client/peers-17b", async () => {
    // vLLM ends the stream, with or without an error event, or waits without a word for an engine that is gone.
    const reply = client({ timeouts: { idleMs: 10_000 } }).chat(LONG_QUESTION);
    const { error, text } = await breakInText(reply, () => process.kill(lab().pid, "SIGTERM"));
    expect(error.code).toMatch(/^(ENGINE_FAILED|STREAM_ENDED_EARLY|STREAM_IDLE_TIMEOUT)$/);
    expect(partialOf(error).text).toBe(text);
  });
});

describeLab("a server whose engine falls silent, and is killed", {}, (lab) => {
  const client = (options = {}) => createVllmClient({ baseUrl: lab().baseUrl, model: "lab/tiny", ...options });

  verifies(["client/peers-19b", "client/wire-3"], async () => {
    const stalled = client({ timeouts: { idleMs: 1500, firstTokenMs: 3000 } });
    // On a busy machine the whole answer may have been sent before the engine stops: then it is asked again.
    const askAndPause = () => breakInText(stalled.chat(LONG_QUESTION), () => lab().pause("engine"));
    const askAgain = () => {
      lab().resume("engine");
      return askAndPause();
    };
    try {
      const { error } = await askAndPause().catch(askAgain).catch(askAgain);
      expect(error).toMatchObject({ code: "STREAM_IDLE_TIMEOUT", isRetryable: true });
      const { error: silent } = await collect(stalled.chat(HELLO_QUESTION));
      expect(silent).toMatchObject({ code: "REQUEST_TIMEOUT" });
      expect(silent?.message).toContain("stayed silent");
    } finally {
      lab().resume("engine");
    }
    const healthy = await client({ timeouts: { idleMs: 20_000 } }).complete(HELLO_QUESTION);
    expect(healthy.text).toBe(HELLO);
  });

  verifies(["client/peers-18", "client/wire-76"], async () => {
    const { error, text } = await breakInText(client().chat(LONG_QUESTION), () => lab().kill("engine"));
    expect(error).toMatchObject({ code: "ENGINE_FAILED", hint: expect.stringContaining("log") });
    expect(partialOf(error).text).toBe(text);
    const { error: after } = await collect(client({ retry: { maxRetries: 0 } }).chat(HELLO_QUESTION));
    expect(after?.code).toMatch(/^(ENGINE_FAILED|SERVER_UNREACHABLE)$/);
  });
});

describeLab("a server whose HTTP process is killed", {}, (lab) => {
  verifies(["client/peers-17a", "client/peers-14"], async () => {
    const client = createVllmClient({ baseUrl: lab().baseUrl, model: "lab/tiny" });
    // The engine is stopped first: then the answer cannot be whole by the time that the server is killed.
    const askAndKill = async () => {
      let killing: NodeJS.Timeout | undefined;
      const stopAndKill = () => {
        lab().pause("engine");
        killing = setTimeout(() => lab().kill("api"), 500);
      };
      try {
        return await breakInText(client.chat(LONG_QUESTION), stopAndKill);
      } finally {
        clearTimeout(killing);
        lab().resume("engine");
      }
    };
    const { error, text } = await askAndKill().catch(askAndKill).catch(askAndKill);
    expect(error).toMatchObject({ code: "STREAM_ENDED_EARLY", isRetryable: true });
    expect(partialOf(error).text).toBe(text);
    const startedAt = performance.now();
    const { error: gone } = await collect(client.chat(HELLO_QUESTION));
    expect(gone).toMatchObject({ code: "SERVER_UNREACHABLE" });
    expect(gone?.message).toContain(new URL(lab().baseUrl).host);
    expect(performance.now() - startedAt).toBeLessThan(2000);
  });
});
