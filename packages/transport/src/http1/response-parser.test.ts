import { createServer, type AddressInfo } from "node:net";
import { request } from "node:http";
import * as fc from "fast-check";
import { listFixtures, loadFixture, rechunk } from "@vllm-tooling/fixtures";
import { describe, expect, test } from "vitest";
import { createByteBlock } from "../exchange/byte-block.ts";
import { ResponseParser } from "./response-parser.ts";

interface Parsed {
  status: number | undefined;
  headers: Record<string, string>;
  body: string;
  end: "reuse" | "close" | "open" | string;
}

function parse(pieces: Iterable<Uint8Array>, { method = "POST", closes = false } = {}): Parsed {
  const parsed: Parsed = { status: undefined, headers: {}, body: "", end: "open" };
  const parser = new ResponseParser(method, {
    onHead({ status, headers }) {
      parsed.status = status;
      parsed.headers = Object.fromEntries(headers);
    },
    onBody(block, start, end) {
      if (start >= end) throw new Error("an empty piece");
      parsed.body += block.latin1.slice(start, end);
    },
    onEnd: (mayReuse) => (parsed.end = mayReuse ? "reuse" : "close"),
    onError: (error) => (parsed.end = error.message),
  });
  for (const piece of pieces) parser.push(createByteBlock(piece));
  if (closes) parser.close();
  return parsed;
}

const bytes = (text: string) => new Uint8Array(Buffer.from(text, "latin1"));
const parseText = (text: string, options?: Parameters<typeof parse>[1]) => parse([bytes(text)], options);
const CHUNKED = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";

describe("how a body ends", () => {
  test.each<[string, string, Partial<Parsed>]>([
    ["chunks", `${CHUNKED}3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n`, { body: "abcd", end: "reuse" }],
    ["chunks of size AB and ab", `${CHUNKED}0A\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n`, { end: "reuse" }],
    ["chunk extensions", `${CHUNKED}3;name="a;b"\r\nabc\r\n0;x\r\n\r\n`, { body: "abc", end: "reuse" }],
    ["trailers", `${CHUNKED}3\r\nabc\r\n0\r\nx-sum: 1\r\ny: 2\r\n\r\n`, { body: "abc", end: "reuse" }],
    ["a content length", "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nabc", { body: "abc", end: "reuse" }],
    ["an empty body", "HTTP/1.1 429 Too Many\r\ncontent-length: 0\r\n\r\n", { status: 429, end: "reuse" }],
    ["empty lines first", "\r\n\nHTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\na", { body: "a", end: "reuse" }],
    ["no reason phrase", "HTTP/1.1 200\r\ncontent-length: 0\r\n\r\n", { status: 200, end: "reuse" }],
    ["204", "HTTP/1.1 204 No Content\r\n\r\n", { status: 204, end: "reuse" }],
    ["100 first", `HTTP/1.1 100 Continue\r\n\r\n${CHUNKED}0\r\n\r\n`, { status: 200, end: "reuse" }],
    ["103 first", `HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n${CHUNKED}0\r\n\r\n`, { status: 200, end: "reuse" }],
    ["connection: close", "HTTP/1.1 200 OK\r\nconnection: Close\r\ncontent-length: 1\r\n\r\na", { end: "close" }],
    ["HTTP/1.0", "HTTP/1.0 200 OK\r\ncontent-length: 1\r\n\r\na", { end: "close" }],
    ["HTTP/1.0 kept", "HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ncontent-length: 1\r\n\r\na", { end: "reuse" }],
    ["close in a list", "HTTP/1.1 200 OK\r\nconnection: x, Close\r\ncontent-length: 1\r\n\r\na", { end: "close" }],
    ["a proxy closes", "HTTP/1.1 200 OK\r\nproxy-connection: close\r\ncontent-length: 1\r\n\r\na", { end: "close" }],
    ["an option like close", "HTTP/1.1 200 OK\r\nconnection: closed\r\ncontent-length: 1\r\n\r\na", { end: "reuse" }],
    ["empty lines after the end", "HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\na\r\n", { body: "a", end: "close" }],
    [
      "another answer after the end",
      "HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\naHTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nb",
      { body: "a", end: "close" },
    ],
    [
      "chunks in another coding",
      `${CHUNKED.replace(": ", ": gzip, ")}1\r\na\r\n0\r\n\r\n`,
      { body: "a", end: "reuse" },
    ],
    ["chunks that are not the last coding", `${CHUNKED.replace("chunked", "chunked, gzip")}1\r\na`, { body: "1\r\na" }],
    ["until the connection closes", "HTTP/1.1 200 OK\r\n\r\nabc", { body: "abc", end: "open" }],
  ])("%s", (_, text, expected) => {
    expect(parseText(text)).toMatchObject(expected);
  });

  test("closing the connection ends a body without a length, and breaks all others", () => {
    expect(parseText("HTTP/1.1 200 OK\r\n\r\nabc", { closes: true })).toMatchObject({ body: "abc", end: "close" });
    for (const cut of [
      `${CHUNKED}3\r\nab`,
      `${CHUNKED}3\r\nabc\r\n`,
      `${CHUNKED}3\r\nabc\r\n0\r\n`,
      "HTTP/1.1 2",
      "",
    ]) {
      expect(parseText(cut, { closes: true }).end).toBe("the connection was closed before the answer was whole");
    }
    expect(parseText(`${CHUNKED}0\r\n\r\n`, { closes: true }).end).toBe("reuse");
  });

  test("HEAD has no body", () => {
    expect(parseText("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n", { method: "HEAD" }).end).toBe("reuse");
  });
});

describe("what is no HTTP", () => {
  test.each([
    ["another protocol", "SSH-2.0-OpenSSH_9.2\r\n", "the answer is not HTTP"],
    ["HTTP/2", "HTTP/2 200\r\n\r\n", "the answer is not HTTP"],
    ["a status that is none", "HTTP/1.1 20 OK\r\n\r\n", "the answer is not HTTP"],
    ["an upgrade", "HTTP/1.1 101 Switching\r\n\r\n", "the server changed the protocol"],
    ["a header without a colon", "HTTP/1.1 200 OK\r\nnonsense\r\n\r\n", "a header of the answer is malformed"],
    ["a folded header", "HTTP/1.1 200 OK\r\na: b\r\n c\r\n\r\n", "a header of the answer is malformed"],
    ["a blank before the colon", "HTTP/1.1 200 OK\r\na : b\r\n\r\n", "a header of the answer is malformed"],
    [
      "a length that is none",
      "HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n",
      "the answer has a content length that is not a number",
    ],
    [
      "two lengths",
      "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n",
      "the answer has two content lengths",
    ],
    [
      "the same length twice",
      "HTTP/1.1 200 OK\r\ncontent-length: 3\r\nContent-Length: 3\r\n\r\nabc",
      "the answer has two content lengths",
    ],
    [
      "a length with a no-break space",
      "HTTP/1.1 200 OK\r\ncontent-length:\u00a03\r\n\r\nabc",
      "the answer has a content length that is not a number",
    ],
    [
      "chunks and a length",
      `HTTP/1.1 200 OK\r\ncontent-length: 9\r\n${CHUNKED.slice(17)}1\r\na\r\n0\r\n\r\n`,
      "the answer has a content length and a transfer encoding",
    ],
    [
      "an empty coding",
      "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip,\r\ntransfer-encoding: chunked\r\n\r\n",
      "the answer has an empty transfer encoding",
    ],
    ["a control in the reason", "HTTP/1.1 200 \u001b[2J\r\n\r\n", "the answer is not HTTP"],
    ["a control in a value", "HTTP/1.1 200 OK\r\na: \u001b[2J\r\n\r\n", "a header of the answer is malformed"],
    ["a bare line feed", "HTTP/1.1 200 OK\r\na: b\nc: d\r\n\r\n", "a header of the answer is malformed"],
    [
      "an interim answer that closes",
      "HTTP/1.0 100 Continue\r\n\r\n",
      "the server closes the connection before its answer",
    ],
    ["a blank behind a size", `${CHUNKED}3 \r\nabc\r\n`, "the size of a chunk is not a number"],
    ["an extension with a control", `${CHUNKED}3;a=\u001b\r\nabc\r\n`, "the size of a chunk is not a number"],
    ["a quotation without an end", `${CHUNKED}3;a="b\r\nabc\r\n`, "the size of a chunk is not a number"],
    ["a trailer that is none", `${CHUNKED}0\r\nnonsense\r\n\r\n`, "a trailer of the answer is malformed"],
    ["a trailer with a bare line feed", `${CHUNKED}0\r\na: b\n\r\n`, "a trailer of the answer is malformed"],
    ["a length as a trailer", `${CHUNKED}0\r\ncontent-length: 1\r\n\r\n`, "the answer has a length behind its chunks"],
    ["a size that is none", `${CHUNKED}xyz\r\n`, "the size of a chunk is not a number"],
    ["an empty size", `${CHUNKED}\r\n`, "the size of a chunk is not a number"],
    ["a size beyond all sizes", `${CHUNKED}${"f".repeat(13)}\r\n`, "the size of a chunk is not a number"],
    ["a size without an end", `${CHUNKED}${"0".repeat(2000)}`, "the size of a chunk is too long"],
    ["a chunk longer than its size", `${CHUNKED}3\r\nabcd\r\n`, "a chunk is longer than its size"],
    ["a bare line feed after a chunk", `${CHUNKED}3\r\nabc\n`, "a chunk is longer than its size"],
    ["a head without an end", `HTTP/1.1 200 OK\r\na: ${"x".repeat(70_000)}`, "limits.headBytes is 65536"],
    ["trailers without an end", `${CHUNKED}0\r\nx: ${"y".repeat(70_000)}`, "limits.headBytes is 65536"],
    ["a head that never becomes final", "HTTP/1.1 103 Early Hints\r\n\r\n".repeat(3000), "limits.headBytes is 65536"],
  ])("%s", (_, text, message) => {
    expect(parseText(text).end).toBe(message);
    // Byte by byte it is the same.
    expect(parse(rechunk(bytes(text), [1])).end).toBe(message);
  });

  test.each([
    ["anything", "HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nab"],
    ["an answer that is none", "HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\naHTTP/1.1 200 OK\r\na b"],
    [
      "an answer on a closed connection",
      "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 1\r\n\r\naHTTP/1.1 200",
    ],
    ["a body of 204", "HTTP/1.1 204 No Content\r\n\r\n{}"],
  ])("%s after the end of an answer", (_, text) => {
    expect(parseText(text).end).toBe("the answer is longer than it says");
  });

  test("nothing comes after an error", () => {
    const parsed = parse([bytes(`${CHUNKED}x\r\n`), bytes("3\r\nabc\r\n")]);
    expect(parsed).toMatchObject({ body: "", end: "the size of a chunk is not a number" });
  });
});

/** A random body in random chunks, with everything a server may add. */
const chunkedAnswers = fc
  .array(
    fc.record({
      data: fc.string({ minLength: 1, maxLength: 40, unit: "binary" }),
      extension: fc.boolean(),
      upper: fc.boolean(),
    }),
  )
  .map((chunks) => {
    let text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\ncontent-type: text/event-stream\r\n\r\n";
    let body = "";
    for (const { data, extension, upper } of chunks) {
      const raw = Buffer.from(data).toString("latin1");
      const size = raw.length.toString(16);
      text += `${upper ? size.toUpperCase() : size}${extension ? ";a=b" : ""}\r\n${raw}\r\n`;
      body += raw;
    }
    return { text: `${text}0\r\n\r\n`, body };
  });

test("however the bytes are cut, the body is the same", () => {
  fc.assert(
    fc.property(chunkedAnswers, fc.integer(), ({ text, body }, seed) => {
      const expected = {
        status: 200,
        headers: expect.objectContaining({ "transfer-encoding": "chunked" }),
        body,
        end: "reuse",
      };
      expect(parseText(text)).toEqual(expected);
      expect(parse(rechunk(bytes(text), [1]))).toEqual(expected);
      expect(parse(rechunk(bytes(text), seed))).toEqual(expected);
    }),
    { numRuns: 100 },
  );
});

test("any cut is an unfinished answer", () => {
  fc.assert(
    fc.property(chunkedAnswers, fc.nat(), ({ text, body }, position) => {
      const cut = parse([bytes(text.slice(0, position % text.length))], { closes: true });
      expect(cut.end).toBe("the connection was closed before the answer was whole");
      expect(body.startsWith(cut.body)).toBe(true);
    }),
  );
});

describe("Node's own client reads the same", () => {
  /** What `node:http` makes of raw bytes. */
  async function readWithNode(raw: Uint8Array): Promise<{ status: number | undefined; body: string }> {
    const server = createServer((socket) => {
      socket.on("error", () => {});
      socket.once("data", () => socket.end(raw));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    try {
      return await new Promise((resolve, reject) => {
        const outgoing = request({ port, host: "127.0.0.1", method: "POST", agent: false }, (incoming) => {
          let body = "";
          incoming.setEncoding("latin1");
          incoming.on("data", (piece: string) => (body += piece));
          incoming.on("end", () => resolve({ status: incoming.statusCode, body }));
          incoming.on("error", reject);
        });
        outgoing.on("error", reject);
        outgoing.end();
      });
    } finally {
      server.close();
    }
  }

  const ids = listFixtures({ streamed: true, config: "hermes-qwen3" })
    .slice(0, 25)
    .map((entry) => entry.id);
  test.each(ids)("%s", async (id) => {
    const { chunks } = loadFixture(id).response;
    const raw = Buffer.concat([
      Buffer.from("HTTP/1.1 200 OK\r\ndate: now\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n"),
      ...chunks.flatMap((piece) => [Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from("\r\n")]),
      Buffer.from("0\r\n\r\n"),
    ]);
    const { status, body } = parse(rechunk(raw, 7));
    expect({ status, body }).toEqual(await readWithNode(raw));
  });
});
