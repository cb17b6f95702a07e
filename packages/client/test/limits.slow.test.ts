import { fork } from "node:child_process";
import { describe, expect, test } from "vitest";
import { startEndless, type EndlessAnswer } from "./support/endless-server.ts";

const STREAM_HEAD = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream";
const PROGRAM = new URL("support/ask-endless.ts", import.meta.url);

interface Said {
  code: string;
  /** Of the whole process, in bytes. */
  peak: number;
}

/** Asks in a process of its own, so that the memory is that of one answer. */
function ask(baseUrl: string, how: string): Promise<Said> {
  const child = fork(PROGRAM, [baseUrl, how], { execArgv: ["--conditions=@vllm/source"] });
  return new Promise((resolve, reject) => {
    child.once("message", (said) => resolve(said as Said));
    child.once("exit", (code) => reject(new Error(`It ended with ${code}.`)));
  });
}

/** What never ends, and how much memory its limit (16, 64, 8 MiB) may cost in the worst pieces, over what a program has anyway. */
const ANSWERS: [string, EndlessAnswer, how: string, megabytes: number][] = [
  ["an event", { head: STREAM_HEAD, start: "data: ", again: "x" }, "chat", 150],
  ["an event in single bytes", { head: STREAM_HEAD, start: "data: ", again: "x", chunkBytes: 1 }, "chat", 200],
  ["an event of empty lines", { head: STREAM_HEAD, again: "data:\n" }, "chat", 250],
  ["a JSON answer", { start: '{"choices":[', again: " " }, "chat", 350],
  ["a JSON answer in single bytes", { start: '{"choices":[', again: " ", chunkBytes: 1 }, "chat", 400],
  ["a gzip bomb for a chat", { start: '{"choices":[', again: " ", gzip: true }, "chat", 350],
  ["a list of models", { start: '{"data":[', again: " " }, "models", 100],
  ["a gzip bomb on /v1/models", { again: " ", gzip: true }, "models", 100],
  ["tokens without an end", { start: '{"tokens":[', again: "1,", chunkBytes: 1 }, "tokenize", 120],
];

describe.each(["our own transport", "fetch"])(
  "over %s, nothing without an end costs more memory than its limit",
  (transport) => {
    test.each(ANSWERS)(
      "%s",
      async (_, answer, how, megabytes) => {
        const server = await startEndless(answer);
        const idle = await ask(server.baseUrl, "nothing");
        const { code, peak } = await ask(server.baseUrl, `${how} ${transport}`);
        server.close();
        expect(code).toBe("RESPONSE_TOO_LARGE");
        expect((peak - idle.peak) / 1_000_000).toBeLessThan(megabytes);
      },
      120_000,
    );
  },
);
