import { expect, test } from "vitest";
import { createFetchTransport, type FetchFunction } from "./fetch-transport.ts";
import type { TransportListener } from "../exchange/transport.ts";

const REQUEST = { method: "GET", url: "http://127.0.0.1/", headers: {}, connectMs: false } as const;

/** Makes one exchange of it, and closes it when the listener says so. */
function exchange(body: BodyInit, closeAt: "bytes" | "end") {
  let signal: AbortSignal | undefined;
  const fetch: FetchFunction = async (_, init) => {
    ({ signal } = init);
    return new Response(body);
  };
  return new Promise<{ wasAborted: boolean }>((resolve) => {
    const close = () => {
      open.close();
      resolve({ wasAborted: signal?.aborted === true });
    };
    const listener: TransportListener = {
      onHead() {},
      onBytes: () => (closeAt === "bytes" ? close() : undefined),
      onEnd: close,
      onError: close,
    };
    const open = createFetchTransport(fetch)(REQUEST, listener);
  });
}

test("an answer that is over is not aborted: the error with its stack costs a tenth of a short answer", async () => {
  expect(await exchange("all of it", "end")).toEqual({ wasAborted: false });
});

test("an answer that is under way is aborted", async () => {
  expect(await exchange("some of it", "bytes")).toEqual({ wasAborted: true });
});
