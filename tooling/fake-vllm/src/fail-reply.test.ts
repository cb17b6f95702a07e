import { describe, expect, test } from "vitest";
import { loadFixture } from "@vllm-tooling/fixtures";
import { failReply, firstBytes } from "./fail-reply.ts";
import { readBytes, toReply } from "./reply.ts";

const reply = toReply(loadFixture("0.32.0/lab/hello-stream"));
const whole = readBytes(reply);

describe("firstBytes", () => {
  test.each([0, 1, 263, 264, 1000])("gives exactly %i bytes, in the recorded chunks", (length) => {
    const pieces = firstBytes(reply, length);
    expect(Buffer.concat(pieces)).toEqual(Buffer.from(whole.subarray(0, length)));
    expect(pieces.slice(0, -1)).toEqual([...(reply.chunks as Uint8Array[])].slice(0, Math.max(0, pieces.length - 1)));
  });

  test("by default gives half, and never more than there is", () => {
    expect(Buffer.concat(firstBytes(reply, undefined))).toHaveLength(Math.floor(whole.length / 2));
    expect(Buffer.concat(firstBytes(reply, 1e9))).toHaveLength(whole.length);
  });

  test("in whole chunks ends after the one that holds the byte", () => {
    const [first, second] = reply.chunks as Uint8Array[];
    expect(firstBytes(reply, first!.length + 1, "whole chunks")).toEqual([first, second]);
  });
});

describe("failReply", () => {
  test("end-after-bytes and empty-200 drop a content-length that would betray them", () => {
    const plain = toReply(loadFixture("0.32.0/lab/hello-nonstream"));
    for (const kind of ["end-after-bytes", "empty-200"] as const) {
      const names = failReply(plain, kind, { kind }).headers.map(([name]) => name.toLowerCase());
      expect(names).not.toContain("content-length");
      expect(names.filter((name) => name === "transfer-encoding")).toHaveLength(1);
    }
  });

  test("html-200 is what nginx sent, with another status", () => {
    const failed = failReply(reply, "html-200", { kind: "html-200" });
    expect(failed).toMatchObject({ status: 200, reason: "OK" });
    expect(failed.headers).toContainEqual(["Content-Type", "text/html"]);
  });
});
