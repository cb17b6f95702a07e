import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { homedir } from "node:os";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { isLabSupported, type Lab, startLab } from "./index.ts";
import { findGroupMembers } from "./process-group.ts";
import { readReplies } from "./script/read-replies.ts";
import { toScript } from "./script/to-script.ts";

/** A real vLLM is started here four times, half a minute each; set up before, where that is missing. */
const START_TIMEOUT_MS = 600_000;
const support = await isLabSupported();

const tool = (name: string, parameter: string) => ({
  type: "function",
  function: { name, parameters: { type: "object", properties: { [parameter]: { type: "string" } } } },
});
const TOOLS = [tool("clock", "timezone"), tool("calculator", "expression")];
const user = (content: string) => ({ role: "user", content });

interface Message {
  role: string;
  content: string | null;
  reasoning?: string | null;
  tool_calls?: { id: string; function: { name: string; arguments: string } }[];
}

async function post<Answer>(serverRoot: string, path: string, body: object, key?: string): Promise<Answer> {
  const response = await fetch(new URL(path, serverRoot), {
    method: "POST",
    headers: { "content-type": "application/json", ...(key === undefined ? {} : { authorization: `Bearer ${key}` }) },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.status}: ${text}`);
  return JSON.parse(text) as Answer;
}

async function chat(serverRoot: string, body: object, key?: string): Promise<Message> {
  const request = { model: "lab/tiny", tools: TOOLS, ...body };
  const { choices } = await post<{ choices: { message: Message }[] }>(serverRoot, "/v1/chat/completions", request, key);
  return choices[0]?.message ?? { role: "", content: null };
}

const calls = (message: Message) =>
  message.tool_calls?.map((call) => `${call.function.name} ${call.function.arguments}`);
const results = (message: Message, ...contents: string[]) =>
  (message.tool_calls ?? []).map((call, index) => ({ role: "tool", tool_call_id: call.id, content: contents[index] }));

describe.skipIf(!support.supported)("startLab", () => {
  let lab: Lab;
  beforeAll(async () => (lab = await startLab({ flags: ["--max-model-len", "16384"] })), START_TIMEOUT_MS);
  afterAll(() => lab?.stop());

  it("serves lab/tiny, and no path of this machine", async () => {
    const models = await (await fetch(`${lab.baseUrl}/models`)).text();
    expect(JSON.parse(models)).toMatchObject({ data: [{ id: "lab/tiny", root: "lab/tiny-r", max_model_len: 16_384 }] });
    expect(models).not.toContain(homedir());
  });

  it("calls two tools, and answers with what they said", async () => {
    const question = user("What time is it and what is 17 * 23?");
    const asked = await chat(lab.baseUrl, { messages: [question] });
    expect(asked.reasoning).toContain("Two questions");
    expect(calls(asked)).toEqual(['clock {"timezone": "UTC"}', 'calculator {"expression": "17 * 23"}']);

    const answered = await chat(lab.baseUrl, { messages: [question, asked, ...results(asked, "12:34", "391")] });
    expect(answered.reasoning).toContain("Both tools have answered: 12:34 and 391.");
    expect(answered.content?.trim()).toBe("It is 12:34, and 17 * 23 = 391.");
    expect(calls(answered) ?? []).toEqual([]);
  });

  it("calls them one after the other", async () => {
    const question = user("One after another: what time is it, and what is 17 * 23?");
    const first = await chat(lab.baseUrl, { messages: [question] });
    expect(calls(first)).toEqual(['clock {"timezone": "UTC"}']);
    const soFar = [question, first, ...results(first, "12:34")];
    const second = await chat(lab.baseUrl, { messages: soFar });
    expect(calls(second)).toEqual(['calculator {"expression": "17 * 23"}']);
    const third = await chat(lab.baseUrl, { messages: [...soFar, second, ...results(second, "391")] });
    expect(third.content?.trim()).toBe("It is 12:34, and 17 * 23 = 391.");
  });

  it("calculates what it is asked", async () => {
    const asked = await chat(lab.baseUrl, { messages: [user("Hi! What is (3 + 4) * 2?")] });
    expect(calls(asked)).toEqual(['calculator {"expression": "(3 + 4) * 2"}']);
  });

  it("goes on with its answer when the thought is cut short", async () => {
    const message = await chat(lab.baseUrl, { messages: [user("Hello")], thinking_token_budget: 3 });
    expect(message.content?.trim()).toBe("Hello there! How can I help you today?");
    expect((message.reasoning ?? "").trim().length).toBeLessThan("The user greets me.".length);
  });

  it("does not think when told not to", async () => {
    const body = { messages: [user("Hello")], chat_template_kwargs: { enable_thinking: false } };
    expect(await chat(lab.baseUrl, body)).toMatchObject({
      content: "Hello there! How can I help you today?",
      reasoning: null,
    });
  });

  it("renders prompts as the rules of the script expect them", async () => {
    const messages = [
      { role: "system", content: "Be brief." },
      user("Time?"),
      {
        role: "assistant",
        content: "",
        tool_calls: [{ id: "a", type: "function", function: { name: "clock", arguments: "{}" } }],
      },
      { role: "tool", tool_call_id: "a", content: "12:34" },
    ];
    const { tokens } = await post<{ tokens: number[] }>(lab.baseUrl, "/tokenize", { model: "lab/tiny", messages });
    const { prompt } = await post<{ prompt: string }>(lab.baseUrl, "/detokenize", { model: "lab/tiny", tokens });
    expect(prompt).toBe(
      "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nTime?<|im_end|>\n" +
        '<|im_start|>assistant\n<tool_call>\n{"name": "clock", "arguments": {}}\n</tool_call><|im_end|>\n' +
        "<|im_start|>user\n<tool_response>\n12:34\n</tool_response><|im_end|>\n<|im_start|>assistant\n",
    );
  });

  it("says every reply to the letter", { timeout: 120_000 }, async () => {
    const replies = await readReplies();
    const script = toScript(replies, "hermes", true);
    const expected = new Map<string, string>();
    const said = new Map<string, string>();
    // the very long answer has the long one's text, for half a minute
    const asked = replies.flatMap(({ ask, say }, index) =>
      ask === undefined || say === null || ask === "very long answer" ? [] : [{ ask, index }],
    );
    await Promise.all(
      asked.map(async ({ ask, index }) => {
        const prompt = `<|im_start|>user\n${ask}<|im_end|>\n<|im_start|>assistant\n`;
        const rule = script[index];
        const groups = new RegExp(rule?.when ?? "", "s").exec(prompt) ?? [];
        expected.set(
          ask,
          (rule?.say ?? "")
            .replaceAll("{{results}}", "0")
            .replaceAll(/\{\{(\d)\}\}/g, (_, group) => groups[Number(group)] ?? ""),
        );
        const body = { model: "lab/tiny", prompt, max_tokens: 2000, skip_special_tokens: false };
        const { choices } = await post<{ choices: { text: string }[] }>(lab.baseUrl, "/v1/completions", body);
        said.set(ask, (choices[0]?.text ?? "").replace(/<\|im_end\|>$/, ""));
      }),
    );
    for (const [ask, text] of expected) expect.soft(said.get(ask), ask).toBe(text);
  });

  it("says nothing while its engine is paused, and goes on afterwards", async () => {
    lab.pause("engine");
    let isAnswered = false;
    const answering = chat(lab.baseUrl, { messages: [user("Hello")] }).finally(() => (isAnswered = true));
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(isAnswered).toBe(false);
    lab.resume("engine");
    expect((await answering).content).toContain("Hello there!");
  });

  it("leaves no process behind, whatever was killed", async () => {
    expect((await findGroupMembers(lab.pid)).map(({ pid }) => pid)).toEqual(
      expect.arrayContaining([lab.pid, lab.enginePid]),
    );
    lab.kill("api");
    expect(await lab.ended).toBe("signal SIGKILL");
    await lab.stop();
    expect(await findGroupMembers(lab.pid)).toEqual([]);
    await expect(fetch(`${lab.baseUrl}/models`)).rejects.toThrow();
  });
});

describe.skipIf(!support.supported)("a start that fails", () => {
  it("says why, with vLLM's last lines", { timeout: START_TIMEOUT_MS }, async () => {
    await expect(startLab({ flags: ["--tool-call-parser", "nope"] })).rejects.toThrow(
      /^vLLM did not start \(exit code 1\): KeyError: 'invalid tool call parser: nope .*\nIts last lines:\n/,
    );
  });

  it("stops at once when told to", { timeout: START_TIMEOUT_MS }, async () => {
    const interrupt = new AbortController();
    const starting = startLab({ signal: interrupt.signal, onLog: () => interrupt.abort(new Error("enough")) });
    await expect(starting).rejects.toThrow("enough");
  });
});

describe.skipIf(!support.supported)("the command", () => {
  const started: ChildProcess[] = [];
  afterAll(() => started.map((child) => child.kill()));

  interface Ready {
    type: string;
    baseUrl: string;
    pid: number;
    asks: string[];
  }

  async function lab(...words: string[]) {
    const main = fileURLToPath(new URL("main.ts", import.meta.url));
    const child = spawn(process.execPath, [main, "--json", "--port", "0", ...words], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    started.push(child);
    const lines: string[] = [];
    const ready = await new Promise<Ready>((resolve, reject) => {
      child.once("exit", () => reject(new Error(lines.join("\n"))));
      createInterface(child.stdout).on("line", (line) => {
        lines.push(line);
        const event = JSON.parse(line) as Ready;
        if (event.type === "ready") resolve(event);
      });
    });
    return { child, lines, ready };
  }

  it(
    "hands flags on, asks for the key, and ends with all of vLLM on Ctrl-C",
    { timeout: START_TIMEOUT_MS },
    async () => {
      const { child, lines, ready } = await lab(
        ..."--tool-call-parser qwen3_coder --api-key sk-lab-secret --served-model-name one two".split(" "),
      );
      expect(ready.asks).toContain("What time is it and what is 17 * 23?");
      await expect(chat(ready.baseUrl, { model: "two", messages: [user("Hello")] })).rejects.toThrow(/^401/);
      const asked = await chat(ready.baseUrl, { model: "two", messages: [user("What is 6 * 7?")] }, "sk-lab-secret");
      expect(calls(asked)).toEqual(['calculator {"expression": "6 * 7"}']);

      child.kill("SIGINT");
      expect(await once(child, "exit")).toEqual([0, null]);
      expect(await findGroupMembers(ready.pid)).toEqual([]);
      expect(lines.join("\n")).not.toContain("sk-lab-secret");
    },
  );

  it("takes vLLM with it when it is killed", { timeout: START_TIMEOUT_MS }, async () => {
    const { child, ready } = await lab("--model", "tiny");
    expect((await findGroupMembers(ready.pid)).length).toBeGreaterThan(1);
    child.kill("SIGKILL");
    await expect.poll(() => findGroupMembers(ready.pid), { timeout: 30_000, interval: 250 }).toEqual([]);
  });
});
