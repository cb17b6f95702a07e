import type { ModelProfile } from "@vllm/schema";
import { VllmError } from "@vllm/schema";
import { describe, expect, test, vi } from "vitest";
import { toConfigProfile } from "../connect/to-config-profile.ts";
import type { Agent } from "../conversation/agent.ts";
import { NO_USAGE } from "../conversation/usage-totals.ts";
import type { RunEvent } from "../run/run-event.ts";
import type { Input } from "./input.ts";
import { createCommandRunner } from "./run-command.ts";
import { runRepl } from "./run-repl.ts";

const models = ["lab/tiny", "lab/large"].map((id): ModelProfile => toConfigProfile({ id, name: id }));
const text = (line: string): Input => ({ kind: "text", text: line });
const interrupt: Input = { kind: "interrupt" };
const end: Input = { kind: "end" };

/** What the agent does with a question: an answer, a cut one, a failure, or waiting for the person's stop. */
type Behaviour = "answer" | "cut" | "fail" | "wait";

function open(inputs: readonly Input[], behaviours: readonly Behaviour[] = []) {
  const asked: string[] = [];
  const events: RunEvent[] = [];
  const remaining = [...inputs];
  const next = [...behaviours];
  let [model] = models;
  let pressCtrlC: (() => void) | undefined;
  const agent: Agent = {
    get model() {
      return model as ModelProfile;
    },
    usage: NO_USAGE,
    contextWindow: 4096,
    turnCount: 0,
    use: (chosen) => (model = chosen),
    reset: vi.fn(),
    // oxlint-disable-next-line require-yield
    async *ask(question, signal) {
      asked.push(question);
      const behaviour = next.shift() ?? "answer";
      if (behaviour === "fail") throw new VllmError({ code: "SERVER_ERROR", message: "m", hint: "h" });
      if (behaviour === "wait") {
        const stopped = new Promise((resolve) => signal.addEventListener("abort", resolve));
        pressCtrlC?.();
        await stopped;
        signal.throwIfAborted();
      }
      return behaviour === "answer";
    },
  };
  const emit = (event: RunEvent) => void events.push(event);
  const exit = vi.fn();
  const controller = new AbortController();
  const running = runRepl({
    agent,
    input: { next: async () => remaining.shift() ?? new Promise<Input>(() => {}), close() {} },
    runCommand: createCommandRunner({ agent, providerId: "vllm", listModels: async () => models, emit }),
    emit,
    signal: controller.signal,
    captureInterrupt(listener) {
      pressCtrlC = listener;
      return () => (pressCtrlC = undefined);
    },
    exit,
  });
  return { running, asked, events, agent, exit, controller, types: () => events.map(({ type }) => type) };
}

describe("messages", () => {
  test("are asked one after the other until the end", async () => {
    const { running, asked } = open([text("one"), text("two"), end]);
    expect(await running).toBe(0);
    expect(asked).toEqual(["one", "two"]);
  });

  test.each([["cut"], ["fail"]] as const)(
    "an answer that is %s makes the exit code 1, and it goes on",
    async (behaviour) => {
      const { running, asked } = open([text("one"), text("two"), end], [behaviour, "answer"]);
      expect(await running).toBe(1);
      expect(asked).toEqual(["one", "two"]);
    },
  );

  test("the program's end is the conversation's", async () => {
    const { running, controller } = open([]);
    controller.abort();
    expect(await running).toBe(0);
  });
});

describe("Ctrl-C", () => {
  test("stops the answer, and the conversation goes on", async () => {
    const { running, asked, types } = open([text("one"), text("two"), end], ["wait", "answer"]);
    expect(await running).toBe(0);
    expect(types()).toContain("stopped");
    expect(asked).toEqual(["one", "two"]);
  });

  test("right after a stopped answer leaves", async () => {
    const { running, asked } = open([text("one"), interrupt, text("two")], ["wait"]);
    expect(await running).toBe(130);
    expect(asked).toEqual(["one"]);
  });

  test("twice at the prompt leaves, once says how", async () => {
    const { running, events } = open([interrupt, interrupt]);
    expect(await running).toBe(130);
    expect(events).toEqual([{ type: "reply", text: "Ctrl-C again, or /quit, to leave." }]);
  });

  test("then something else, then Ctrl-C: only once again", async () => {
    const { running } = open([interrupt, text("/usage"), interrupt, end]);
    expect(await running).toBe(0);
  });
});

describe("commands", () => {
  const run = async (...lines: string[]) => {
    const opened = open([...lines.map(text), end]);
    expect(await opened.running).toBe(0);
    expect(opened.asked).toEqual([]);
    return opened;
  };

  test("/quit leaves what comes after it", async () => {
    const { running, asked } = open([text("/quit"), text("never")]);
    expect(await running).toBe(0);
    expect(asked).toEqual([]);
  });

  test("/model says which, changes it, and knows the nearest", async () => {
    const { events, agent } = await run("/model", "/model lab/large", "/model vllm/lab/tiny", "/model lab/lage");
    expect(events.slice(0, 2)).toMatchObject([
      { type: "reply", text: "The model is lab/tiny. /models lists all, /model <id> changes it." },
      { type: "reply", text: "The model is now lab/large; the conversation goes on." },
    ]);
    expect(events.at(-1)).toMatchObject({ type: "error", code: "MODEL_NOT_FOUND", hint: 'Did you mean "lab/large"?' });
    expect(agent.model.id).toBe("lab/tiny");
  });

  test("/models knows what the conversation has shown", async () => {
    const { running, events, agent } = open([text("/models"), end]);
    const toolCalling = { value: "yes", source: "learned", evidence: "seen" } as const;
    agent.use({ ...models[0]!, toolCalling });
    await running;
    expect(events).toEqual([
      { type: "models", current: "lab/tiny", models: [{ ...models[0], toolCalling }, models[1]] },
    ]);
  });

  test("/models, /usage, /reset, /help", async () => {
    const { events, agent } = await run("/models", "/usage", "/reset", "/help");
    expect(events).toMatchObject([
      { type: "models", current: "lab/tiny", models },
      { type: "usage", usage: NO_USAGE, turns: 0, contextWindow: 4096 },
      { type: "reply", text: "The conversation is forgotten." },
      { type: "reply", text: expect.stringMatching(/^\/model <id> .*\n\/models /) },
    ]);
    expect(agent.reset).toHaveBeenCalledOnce();
  });

  test("an unknown one is not sent to the model", async () => {
    const { events } = await run("/rest", "/zzzzzzzz");
    expect(events).toEqual([
      { type: "reply", text: "Unknown command /rest. Did you mean /reset? /help lists them." },
      { type: "reply", text: "Unknown command /zzzzzzzz. /help lists them." },
    ]);
  });
});
