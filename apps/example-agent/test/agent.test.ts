import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { startFakeVllm } from "@vllm-tooling/fake-vllm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { answer, begin } from "./support/answers.ts";
import { readEvents, runCommand, startCommand } from "./support/run-command.ts";

// Each test starts a process, which takes seconds on a busy machine.
let base: string;
let folder: string;

beforeAll(async () => {
  base = await mkdtemp(path.join(tmpdir(), "agent-"));
  folder = await mkdtemp(path.join(base, "project-"));
  await writeFile(path.join(base, "secret.txt"), "the-secret-outside");
  await writeFile(path.join(folder, "README.md"), "# The little project\n\nIt reads logs.\n");
});
afterAll(() => rm(base, { recursive: true, force: true }));

const messagesOf = (body: unknown) => (body as { messages: { role: string; content: string }[] }).messages;

describe.concurrent("agent with a question", () => {
  test("the answer alone on stdout, what it did on stderr, no colours", async () => {
    await using server = await startFakeVllm();
    const command = ["agent", "--base-url", server.baseUrl, "Find", "and", "read", "the", "README"];
    const { code, stdout, stderr } = await runCommand(command, { cwd: folder });
    expect(code).toBe(0);
    expect(stdout).toContain("# The little project");
    expect(stdout).not.toMatch(/→|←|thinking|tokens/);
    expect(stderr).toContain('→ search_files {"query": "README", "path": "."}\n← search_files: README.md\n');
    expect(stderr).toContain('→ read_file {"path": "README.md"}\n← read_file: # The little project\n');
    expect(stderr).toMatch(/tokens\/s · \d+ % of the window\n$/);
    expect(stdout + stderr).not.toContain("\u001b");
  });

  test("run by pnpm as a script of the clone, it is about the folder where that was typed", async () => {
    await using server = await startFakeVllm();
    const env = { npm_lifecycle_event: "agent", INIT_CWD: folder };
    const { code, stdout } = await runCommand(["agent", "--base-url", server.baseUrl, "Find and read the README"], {
      env,
    });
    expect(code).toBe(0);
    expect(stdout).toContain("# The little project");
  });

  test("text that is piped in is what the question is about", async () => {
    await using server = await startFakeVllm();
    server.play(answer({ text: "It is about robots." }));
    const command = ["agent", "--base-url", server.baseUrl, "summarise"];
    const { code, stdout } = await runCommand(command, { input: "line one\nline two\n" });
    expect({ code, stdout }).toEqual({ code: 0, stdout: "It is about robots.\n" });
    const chat = server.requests.find(
      (request) => request.path === "/v1/chat/completions" && request.method === "POST",
    );
    expect(messagesOf(chat?.body).at(-1)).toEqual({
      role: "user",
      content: "summarise\n\n<input>\nline one\nline two\n</input>",
    });
  });

  test("a stdin that nobody writes to or closes does not hold it up", async () => {
    await using server = await startFakeVllm();
    const command = ["agent", "--base-url", server.baseUrl, "What is 6 * 7?"];
    const { code, stdout } = await runCommand(command, { input: false });
    expect(code).toBe(0);
    expect(stdout).toContain("6 * 7 = 42");
  });

  test("--json: one event a line, errors too", async () => {
    await using server = await startFakeVllm();
    const good = await runCommand(["agent", "--json", "--base-url", server.baseUrl, "What is 6 * 7?"]);
    expect({ code: good.code, stderr: good.stderr }).toEqual({ code: 0, stderr: "" });
    expect(readEvents(good.stdout).at(-1)).toMatchObject({ type: "turn_end", isComplete: true });
  });

  test("a model that loops is answered, then stopped: exit code 1, and why", async () => {
    await using server = await startFakeVllm();
    server.play(() => answer({ calls: [{ name: "calculator", text: '{"expression": "1 + 1"}' }] }));
    const { code, stderr } = await runCommand(["agent", "--base-url", server.baseUrl, "Loop forever"]);
    expect(code).toBe(1);
    expect(stderr.match(/← calculator: 2\n/g)).toHaveLength(2);
    expect(stderr.match(/← calculator: Not run: you made this same calculator call 3 times in a row/g)).toHaveLength(2);
    expect(stderr).toContain("✗ There is no answer: the model repeats the same tool call again and again.");
  });

  test("a model that wants out of the folder gets nothing", async () => {
    await using server = await startFakeVllm();
    const escapes = ["../secret.txt", `${base}/secret.txt`, "/etc/passwd"];
    const calls = escapes.map((given) => ({ name: "read_file", text: JSON.stringify({ path: given }) }));
    server.play([answer({ calls }), answer({ text: "I could not." })]);
    const { code, stdout, stderr } = await runCommand(["agent", "--base-url", server.baseUrl, "Read it"], {
      cwd: folder,
    });
    expect({ code, stdout }).toEqual({ code: 0, stdout: "I could not.\n" });
    expect(stderr.match(/is outside the folder/g)).toHaveLength(3);
    expect(JSON.stringify(server.requests.map(({ bodyText }) => bodyText))).not.toMatch(/the-secret-outside|root:/);
  });

  test("an answer that is cut: exit code 1, and why", async () => {
    await using server = await startFakeVllm();
    server.play(answer({ text: "The answer to your", finishReason: "length" }));
    const { code, stdout, stderr } = await runCommand(["agent", "--base-url", server.baseUrl, "Tell me"]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "The answer to your\n" });
    expect(stderr).toContain("✗ The answer is incomplete: it reached the limit of tokens");
  });

  test("Ctrl-C: exit code 130, and the server stops", async () => {
    await using server = await startFakeVllm();
    const stream = begin("Once upon");
    server.play(stream);
    const command = startCommand(["agent", "--base-url", server.baseUrl, "Tell me a story"]);
    await command.until("Once upon");
    command.child.kill("SIGINT");
    expect(await stream.closed).toBe("client-left");
    expect(await command.ended).toMatchObject({ code: 130, stdout: "Once upon\n", stderr: "Stopped.\n" });
  });

  test("a reader that has read enough: it ends, quietly", async () => {
    await using server = await startFakeVllm();
    const stream = begin("first line\n\n.");
    server.play(stream);
    const command = startCommand(["agent", "--base-url", server.baseUrl, "Tell me"]);
    await command.until("first line");
    command.child.stdout.destroy();
    const timer = setInterval(
      () => stream.writeEvent({ id: "x", model: "m", choices: [{ index: 0, delta: { content: "more\n\n." } }] }),
      20,
    );
    expect(await stream.closed).toBe("client-left");
    clearInterval(timer);
    expect(await command.ended).toMatchObject({ code: 0, stderr: "" });
  });

  test("no server: what to do, exit code 2", async () => {
    const { code, stdout, stderr } = await runCommand(["agent", "Hello"]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain("✗ No server is named, and discovery is off.");
    expect(stderr).toContain("--base-url http://127.0.0.1:8000/v1");
  });
});

describe.concurrent("agent in a conversation through a pipe", () => {
  test("messages and commands, one after the other", async () => {
    await using server = await startFakeVllm();
    const input =
      "What is 6 * 7?\n/usage\n/models\n/model lab/tny\n/modles\n/reset\n/usage\n/help\n/quit\nnever asked\n";
    const { code, stdout, stderr } = await runCommand(["agent", "--base-url", server.baseUrl], { input });
    expect(code).toBe(0);
    expect(stdout).toContain("6 * 7 = 42");
    expect(stderr).toMatch(/^lab\/tiny · 32,768 tokens · http/);
    expect(stdout).toMatch(/Tokens {4}[\d,]+ tokens in, \d+ out .*in 2 requests/);
    expect(stdout).toContain("1 turn remembered");
    expect(stdout).toMatch(/^\* lab\/tiny {2}32,768 tokens/m);
    expect(stderr).toContain('✗ The model "lab/tny" is not served here. Served: lab/tiny.');
    expect(stdout).toMatch(/Unknown command \/modles\. Did you mean \/models?\?/);
    expect(stdout).toContain("The conversation is forgotten.");
    expect(stdout).toContain("0 of 32,768 tokens (0 %), 0 turns remembered");
    expect(stdout).toContain("/quit        leave");
    expect(stdout + stderr).not.toContain("never asked");
    expect(stdout + stderr).not.toContain("\u001b");
  });

  test("what was said is remembered, and old turns are forgotten in time, which is said", async () => {
    await using server = await startFakeVllm();
    const config = path.join(base, "small.json5");
    const entry = '{ id: "lab/tiny", name: "Tiny", contextWindow: 3000 }';
    await writeFile(
      config,
      `{ models: { providers: { vllm: { baseUrl: "${server.baseUrl}", models: [${entry}] } } } }`,
    );
    server.play(() => answer({ text: "word ".repeat(400) }));
    // The recorded count of another prompt would not grow; without one, the agent estimates.
    server.fail({ kind: "html-502", paths: /tokenize/ });
    const command = startCommand(["agent", "--config", config], { input: false });
    for (const [index, question] of ["one", "two", "three", "four"].entries()) {
      command.child.stdin.write(`Question ${question}\n`);
      // Lines that come together are one message: the next waits for the answer to this one.
      await expect.poll(() => command.output.stderr.split("% of the window").length - 1).toBe(index + 1);
    }
    command.child.stdin.end();
    const { code, stderr } = await command.ended;
    expect(code).toBe(0);
    expect(stderr).toContain("[to fit the model's window: the oldest 4 messages dropped]");
    const chats = server.requests.filter((request) => request.path === "/v1/chat/completions");
    expect(messagesOf(chats[1]?.body).map(({ content }) => content.slice(0, 12))).toContain("Question one");
    expect(messagesOf(chats.at(-1)?.body).map(({ content }) => content.slice(0, 12))).not.toContain("Question one");
  });

  test("Ctrl-C stops the answer, and the conversation goes on", async () => {
    await using server = await startFakeVllm();
    const stream = begin("Once upon");
    server.play([stream, answer({ text: "Fine." })]);
    const command = startCommand(["agent", "--base-url", server.baseUrl], { input: false });
    command.child.stdin.write("Tell me a story\n");
    await command.until("Once upon");
    command.child.kill("SIGINT");
    expect(await stream.closed).toBe("client-left");
    await command.until("Stopped.");
    command.child.stdin.end("How are you?\n");
    expect(await command.ended).toMatchObject({ code: 0, stdout: "Once upon\n\nFine.\n" });
  });

  test("a question that fails does not end it, and the exit code tells", async () => {
    await using server = await startFakeVllm();
    server.play(() => answer({ text: "Back again." }));
    server.fail("reset-before-headers");
    const command = startCommand(["agent", "--base-url", server.baseUrl], { input: false });
    command.child.stdin.write("Hello?\n");
    await command.until("✗");
    server.fail(undefined);
    command.child.stdin.end("Hello again?\n");
    expect(await command.ended).toMatchObject({ code: 1, stdout: "Back again.\n" });
  });

  test("--json works there, too", async () => {
    await using server = await startFakeVllm();
    const { code, stdout, stderr } = await runCommand(["agent", "--json", "--base-url", server.baseUrl], {
      input: "Hello\n/models\n/usage\n",
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const types = readEvents(stdout).map(({ type }) => type);
    expect(types).toContain("conversation");
    expect(types.slice(-2)).toEqual(["models", "usage"]);
  });
});
