import { VllmError } from "@vllm/schema/core";
import { describe, expect, test } from "vitest";
import { createByteBlock } from "./exchange/byte-block.ts";
import { guardTransport } from "./guard-transport.ts";
import { LimitExceeded } from "./exchange/limit-exceeded.ts";
import type { ResponseHead, TransportListener } from "./exchange/transport.ts";

const REQUEST = { method: "GET", url: "http://gpu:8000/v1/models", headers: {}, connectMs: false } as const;
const HEAD: ResponseHead = {
  status: 200,
  statusText: "OK",
  lines: () => [],
  headers: () => [],
  header: (name) => (name === "x-request-id" ? "r-1" : undefined),
};
const BLOCK = createByteBlock(new Uint8Array(1));

/** What the transport calls, one after another, whatever the listener does. */
const CALLS: Readonly<Record<keyof TransportListener, (listener: TransportListener) => void>> = {
  onHead: (listener) => listener.onHead(HEAD),
  onBytes: (listener) => listener.onBytes(BLOCK, 0, 1),
  onReadEnd: (listener) => listener.onReadEnd?.(),
  onEnd: (listener) => listener.onEnd(),
  onError: (listener) => listener.onError(new Error("reset"), false),
};

/** Plays all calls to a listener that throws in one of them. */
function play(faulty: keyof TransportListener, thrown: unknown, isSynchronous: boolean) {
  const heard: string[] = [];
  const errors: unknown[] = [];
  let closed = 0;
  let isFaulty = true;
  const hear = (name: keyof TransportListener) => {
    heard.push(name);
    if (name !== faulty || !isFaulty) return;
    isFaulty = false;
    throw thrown;
  };
  const listener: TransportListener = {
    onHead: () => hear("onHead"),
    onBytes: () => hear("onBytes"),
    onReadEnd: () => hear("onReadEnd"),
    onEnd: () => hear("onEnd"),
    onError(error) {
      hear("onError");
      errors.push(error);
    },
  };
  let given: TransportListener | undefined;
  const drive = () => {
    CALLS.onHead(given!);
    CALLS.onBytes(given!);
    CALLS.onReadEnd(given!);
    if (faulty !== "onError") CALLS.onEnd(given!);
    CALLS.onError(given!);
    CALLS.onBytes(given!);
  };
  guardTransport((_, inner) => {
    given = inner;
    if (isSynchronous) drive();
    return { pause() {}, resume() {}, close: () => (closed += 1) };
  })(REQUEST, listener);
  if (!isSynchronous) drive();
  return { heard, errors, closed };
}

describe("what a listener throws ends its exchange, once", () => {
  const each = (Object.keys(CALLS) as (keyof TransportListener)[]).flatMap((name) => [
    [name, "later", false] as const,
    [name, "before there is an exchange", true] as const,
  ]);

  test.each(each)("in %s, %s", (name, _, isSynchronous) => {
    const cause = new RangeError("Maximum call stack size exceeded");
    const { heard, errors, closed } = play(name, cause, isSynchronous);
    expect(heard.filter((each) => each === name)).toHaveLength(name === "onError" ? 2 : 1);
    expect(heard.at(-1)).toBe("onError");
    expect(errors).toHaveLength(1);
    expect(closed).toBe(1);
    expect(errors[0]).toMatchObject({
      code: "STREAM_MALFORMED",
      message: "The answer from http://gpu:8000/v1/models could not be read (RangeError).",
      requestId: "r-1",
      cause,
    });
  });

  test("a limit is told as what it is", () => {
    const { errors } = play("onBytes", new LimitExceeded("auxiliaryBytes", 1024), false);
    expect(errors).toEqual([expect.objectContaining({ code: "RESPONSE_TOO_LARGE", requestId: "r-1" })]);
  });

  test("an error of ours stays as it is", () => {
    const thrown = new VllmError({ code: "NOT_VLLM", message: "x", hint: "y" });
    expect(play("onEnd", thrown, false).errors).toEqual([thrown]);
  });

  test("what is no error at all", () => {
    const { errors } = play("onHead", undefined, false);
    expect(errors).toEqual([expect.objectContaining({ code: "STREAM_MALFORMED" })]);
  });
});

test("without a fault everything is handed on, and nothing after the end", () => {
  const heard: string[] = [];
  guardTransport((_, listener) => {
    for (const call of [CALLS.onHead, CALLS.onBytes, CALLS.onEnd, CALLS.onError, CALLS.onEnd, CALLS.onBytes]) {
      call(listener);
    }
    return { pause() {}, resume() {}, close: () => heard.push("close") };
  })(REQUEST, {
    onHead: (head) => heard.push(`head ${head.status}`),
    onBytes: (_block, start, end) => heard.push(`bytes ${start}-${end}`),
    onEnd: () => heard.push("end"),
    onError: () => heard.push("error"),
  });
  expect(heard).toEqual(["head 200", "bytes 0-1", "end", "close"]);
});
