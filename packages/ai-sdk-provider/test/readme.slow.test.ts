import { startFakeVllm } from "@vllm-tooling/fake-vllm";
import { loadFixture } from "@vllm-tooling/fixtures";
import { describe, expect, test } from "vitest";
import { askAsUseChat, runExample } from "./support/examples.ts";
import { play } from "./support/play-server.ts";

const HELLO = "Hello there! How can I help you today?";

describe("the examples of the README, against recorded answers", () => {
  test("stream: the reasoning, then the answer", async () => {
    await using server = await startFakeVllm({ apiKey: "sk-1" });
    const { stdout, stderr } = await runExample("stream", server.baseUrl, { apiKey: "sk-1" });
    expect(stdout.trim()).toBe(HELLO);
    expect(stderr).toContain("The user greets me");
  });

  test("stream: what to do when no server is there", async () => {
    const { stderr } = await runExample("stream", "http://127.0.0.1:1/v1");
    expect(stderr).toMatch(/Nothing listens at 127\.0\.0\.1:1.*vllm serve/s);
  });

  test("agent: two tools, then the answer", async () => {
    await using server = await startFakeVllm({ apiKey: "sk-1" });
    const { stdout, stderr } = await runExample("agent", server.baseUrl);
    expect(stderr).toBe("");
    expect(stdout).toMatch(/It is .*12:30.*17 \* 23 = .*391.* 2 /s);
  });

  test("conversation: reasoning goes back", async () => {
    await using server = await startFakeVllm();
    const { stdout, stderr } = await runExample("conversation", server.baseUrl);
    expect(stdout, stderr).toContain(HELLO);
    expect(server.requests.findLast(({ path }) => path === "/v1/chat/completions")?.body).toMatchObject({
      messages: [
        { role: "user", content: "Hello" },
        { role: "assistant", reasoning: expect.stringContaining("The user greets me") },
        { role: "user" },
      ],
    });
  });

  test("options: thinking is off, by what discovery has found", async () => {
    await using server = await startFakeVllm();
    const { stdout } = await runExample("options", server.baseUrl);
    expect(stdout).toContain(HELLO);
    expect(server.requests.findLast(({ path }) => path === "/v1/chat/completions")?.body).toMatchObject({
      chat_template_kwargs: { enable_thinking: false },
      min_p: 0.05,
      repetition_penalty: 1.05,
    });
  });

  test("route: useChat gets reasoning and text", async () => {
    await using server = await startFakeVllm();
    const { stdout } = await runExample("route", server.baseUrl, { more: askAsUseChat("Hello") });
    expect(JSON.parse(stdout)).toMatchObject([
      { type: "step-start" },
      { type: "reasoning", text: expect.stringContaining("The user greets me"), state: "done" },
      { type: "text", text: expect.stringContaining(HELLO), state: "done" },
    ]);
  });

  test("errors: the message says what to type", async () => {
    await using server = await startFakeVllm();
    const { stdout } = await runExample("errors", server.baseUrl);
    expect(stdout).toMatch(/lab\/tinny.*lab\/tiny/);
    expect(stdout).toMatch(/404 false \{[\s\S]*code: 'MODEL_NOT_FOUND'/);
  });

  test("client: the window, and what a prompt takes", async () => {
    await using server = await startFakeVllm();
    const { stdout, stderr } = await runExample("client", server.baseUrl);
    expect(stdout, stderr).toMatch(/^lab\/tiny \d+ \d+\n$/);
  });

  test("search: vectors and a ranking", async () => {
    const json = (name: string) =>
      JSON.parse(new TextDecoder().decode(loadFixture(`0.32.0/lab-embed/${name}`).response.body)) as object;
    const { data: [hello, world] = [], ...rest } = json("embeddings") as { data?: object[] };
    const four = [hello, world, hello, world].map((each, index) => ({ ...each, index }));
    const { baseUrl } = await play({ body: { ...rest, data: four } }, { body: json("rerank-top-n") });
    const { stdout } = await runExample("search", baseUrl);
    expect(stdout).toBe("[ '0.34', '1.00', '0.34' ]\n[ 'hello 1.00', 'world 0.34' ]\n");
  });
});
