import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { createFetch, type CreateFetchOptions } from "../src/index.ts";

let server: Server;
let address: string;

beforeAll(async () => {
  server = createServer((request, response) => {
    if (request.url?.startsWith("/reset") === true) request.socket.destroy();
    else if (request.url?.startsWith("/endless") === true) response.writeHead(200).write("secret answer");
    else response.writeHead(429, { "x-request-id": "r-1", "retry-after": "1" }).end("secret answer");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

afterEach(() => void vi.restoreAllMocks());

/** Numbers that differ from run to run, as `…`. */
const masked = (line: string) => line.replace(/^(vllm: )?#\d+ /, "$1#… ").replace(/after \d+ ms/, "after … ms");

/** What is reported of one request with secrets in every place that can hold one. */
async function linesOf(path: string, options: CreateFetchOptions = {}): Promise<string[]> {
  const lines: string[] = [];
  const logger = { debug: (message: string) => void lines.push(masked(message)) };
  await createFetch({ logger, environment: {}, ...options })(`http://${address}${path}?token=secret`, {
    method: "POST",
    headers: { authorization: "Bearer secret", "x-secret": "secret" },
    body: "secret prompt",
  }).then(
    (response) => response.text(),
    () => {},
  );
  return lines;
}

describe("a logger", () => {
  test("gets the request, its status and its end, with times in ms", async () => {
    expect(await linesOf("/v1/models")).toEqual([
      `#… POST http://${address}/v1/models`,
      "#… 429 after … ms, request id r-1",
      "#… complete after … ms, 13 bytes",
    ]);
  });

  test("gets the code of a failure, and not its words", async () => {
    expect(await linesOf("/reset")).toEqual([`#… POST http://${address}/reset`, "#… ECONNRESET after … ms, 0 bytes"]);
  });

  test("gets the same of a fetch of the caller's", async () => {
    const failing = () => Promise.reject(new Error("secret"));
    expect(await linesOf("/v1/models", { fetch: failing })).toEqual([
      `#… POST http://${address}/v1/models`,
      "#… Error after … ms, 0 bytes",
    ]);
    const other = await linesOf("/v1/models", { fetch: (input, init) => globalThis.fetch(input, init) });
    expect(other.at(-1)).toBe("#… complete after … ms, 13 bytes");
  });

  test("is told who closed an answer that had not ended", async () => {
    const lines: string[] = [];
    const logger = { debug: (message: string) => void lines.push(masked(message)) };
    const response = await createFetch({ logger, environment: {} })(`http://${address}/endless`);
    const reader = response.body?.getReader();
    await reader?.read();
    await reader?.cancel();
    expect(lines.at(-1)).toBe("#… closed by this side after … ms, 13 bytes");
  });

  test("never gets a query, a header, a body or an answer", async () => {
    const lines = (await Promise.all(["/v1/models", "/reset"].map((path) => linesOf(path)))).flat();
    expect(lines.length).toBe(5);
    expect(lines.join("\n")).not.toMatch(/secret/);
  });

  test("numbers tell requests apart that are under way together", async () => {
    const lines: string[] = [];
    const send = createFetch({ logger: { debug: (message) => void lines.push(message) }, environment: {} });
    await Promise.all([1, 2].map(async () => (await send(`http://${address}/v1/models`)).text()));
    const numbers = lines.map((line) => line.split(" ")[0]);
    expect(new Set(numbers).size).toBe(2);
    for (const number of numbers) expect(numbers.filter((other) => other === number)).toHaveLength(3);
  });

  test("that throws, or that lacks the level, changes nothing", async () => {
    const debug = () => {
      throw new Error("disk full");
    };
    for (const logger of [{ debug }, { warn: debug }, {}]) {
      const response = await createFetch({ logger, environment: {} })(`http://${address}/v1/models`);
      expect(await response.text()).toBe("secret answer");
    }
  });

  test("a logger whose methods need their object works, as pino's do", async () => {
    class Log {
      readonly lines: string[] = [];
      debug(message: string): void {
        this.lines.push(message);
      }
    }
    const logger = new Log();
    await createFetch({ logger, environment: {} })(`http://${address}/v1/models`);
    expect(logger.lines.length).toBeGreaterThan(0);
  });
});

describe("VLLM_LOG", () => {
  const written = () => vi.spyOn(console, "error").mockImplementation(() => {});

  test.each([
    ["debug", 3],
    [" debug ", 3],
    ["warn", 0],
    ["", 0],
    [undefined, 0],
  ])("%j reports on stderr", async (VLLM_LOG, count) => {
    const stderr = written();
    await linesOf("/v1/models", { logger: undefined, environment: { VLLM_LOG } });
    const lines = stderr.mock.calls.map(([line]) => masked(String(line)));
    expect(lines).toHaveLength(count);
    if (count > 0) expect(lines[0]).toBe(`vllm: #… POST http://${address}/v1/models`);
  });

  test("gives way to a logger of the program", async () => {
    const stderr = written();
    expect(await linesOf("/v1/models", { environment: { VLLM_LOG: "debug" } })).toHaveLength(3);
    expect(stderr).not.toHaveBeenCalled();
  });

  test("a value that is not known is refused, with those that are", () => {
    expect(() => createFetch({ environment: { VLLM_LOG: "verbose" } })).toThrow(
      expect.objectContaining({ code: "CONFIG_INVALID", hint: expect.stringContaining("VLLM_LOG=debug") }),
    );
  });

  test("cannot be read on a Deno without permission: then nothing is reported", () => {
    const environment = {
      get VLLM_LOG(): string {
        throw new Error('Requires env access to "VLLM_LOG"');
      },
    };
    const { fetch } = globalThis;
    expect(() => createFetch({ environment, fetch })).not.toThrow();
  });
});
