import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { inspect } from "node:util";
import { createVllmClient, VllmError } from "@vllm/client";
import { afterEach, expect, test } from "vitest";

/** Of C0, of C1, and a mark of direction. A header may hold those of C1 only: the others are refused with it. */
const UNSAFE = "\u001b[2J\u0007\u009b31m\u202e\0";
const IN_HEADER = "x\u009b31m";
const SHOWN = /(?!\n)\p{Cc}|[\u202a-\u202e]/u;

let server: Server | undefined;
afterEach(() => void server?.close());

const chunk = (fields: object) => `data: ${JSON.stringify({ id: `c${UNSAFE}`, model: `m${UNSAFE}`, ...fields })}\n\n`;
const error = (message: string, code: number) =>
  JSON.stringify({ error: { message, type: UNSAFE, param: UNSAFE, code } });
const call = { index: 0, id: UNSAFE, type: "function", function: { name: `f${UNSAFE}`, arguments: '{"a": ' } };

test.each<[string, number, string, string]>([
  [
    "an unknown model",
    404,
    "application/json",
    error(`The model \`x${UNSAFE}\` does not exist. Valid aliases: a${UNSAFE}, b.`, 404),
  ],
  ["a refusal", 400, "application/json", error(`Not ${UNSAFE} so`, 400)],
  ["a failure in plain text", 500, "text/plain", `oops ${UNSAFE}`],
  ["a redirect", 307, "text/plain", ""],
  ["a content type", 200, `text/${IN_HEADER}`, "hello"],
  ["an error event", 200, "text/event-stream", `data: ${error(UNSAFE, 500)}\n\ndata: [DONE]\n\n`],
  [
    "a finish reason",
    200,
    "text/event-stream",
    chunk({ choices: [{ index: 0, delta: { content: "x" }, finish_reason: UNSAFE }] }),
  ],
  [
    "a broken call",
    200,
    "text/event-stream",
    chunk({ choices: [{ index: 0, delta: { tool_calls: [call] }, finish_reason: "tool_calls" }] }),
  ],
])("%s brings no control character to a message, an id or a terminal", async (_, status, type, body) => {
  const started = createServer((request, response) => {
    request.resume();
    response.writeHead(status, {
      "content-type": type,
      "x-request-id": IN_HEADER,
      location: `http://127.0.0.1/${IN_HEADER}`,
    });
    response.end(body);
  });
  server = started;
  await new Promise<void>((resolve) => started.listen(0, "127.0.0.1", resolve));
  const baseUrl = `http://127.0.0.1:${(started.address() as AddressInfo).port}`;
  for (const brokenCalls of ["report", "retry"] as const) {
    const client = createVllmClient({ baseUrl, model: "m", brokenCalls, retry: { maxRetries: 0 } });
    const reply = client.chat({
      messages: [{ role: "user", content: "hi" }],
      tools: [{ type: "function", function: { name: "f" } }],
    });
    const shown: unknown[] = [];
    let requestId: string | undefined;
    try {
      for await (const event of reply)
        if (event.type === "warning") shown.push(event.warning.message, event.warning.hint);
      const result = await reply.result();
      requestId = result.requestId;
      shown.push(...result.toolCalls.map((each) => each.parseError?.message));
    } catch (thrown) {
      expect(thrown).toBeInstanceOf(VllmError);
      requestId = (thrown as VllmError).requestId;
      shown.push((thrown as VllmError).hint, String(thrown), inspect(thrown));
    }
    expect(["x31m", undefined]).toContain(requestId);
    expect(shown.join("\n")).not.toMatch(SHOWN);
  }
});
