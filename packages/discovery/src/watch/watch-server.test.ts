import { describe, expect, test } from "vitest";
import { networkError, playFetch } from "../../test/play.ts";
import type { ServerChange } from "../index.ts";
import { watchServer } from "../index.ts";

const baseUrl = "http://127.0.0.1:8000/v1";
const model = (id: string, extra: Record<string, unknown> = {}) => ({
  id,
  root: "r",
  owned_by: "vllm",
  max_model_len: 32768,
  ...extra,
});

interface Moment {
  models?: readonly Record<string, unknown>[];
  version?: string;
  startedAt?: number;
}

/** One moment a probe; the last one stays. `undefined` is a server that is down. */
function playMoments(moments: readonly (Moment | undefined)[]) {
  let look = -1;
  const moment = () => moments[Math.min(look, moments.length - 1)];
  const reply = (answer: (now: Moment) => Response) => () => {
    const now = moment();
    return now === undefined ? networkError("ECONNREFUSED") : answer(now);
  };
  return playFetch({
    "GET /v1/models": () => {
      look += 1;
      return reply((now) => Response.json({ data: now.models ?? [model("tiny")] }))();
    },
    "GET /version": reply((now) => Response.json({ version: now.version ?? "0.32.0" })),
    "GET /metrics": reply(
      (now) => new Response(`process_start_time_seconds ${now.startedAt ?? 1000}\nvllm:num_requests_running 0\n`),
    ),
    "GET *": reply(() => Response.json({ detail: "Not Found" }, { status: 404 })),
    "POST *": reply(() => Response.json({ detail: "Not Found" }, { status: 404 })),
  });
}

async function collect(moments: readonly (Moment | undefined)[], count: number): Promise<string[]> {
  const seen: string[] = [];
  for await (const change of watchServer({ baseUrl, intervalMs: 1, fetch: playMoments(moments) })) {
    seen.push(describeChange(change));
    if (seen.length >= count) break;
  }
  return seen;
}

function describeChange(change: ServerChange): string {
  return "model" in change ? `${change.type} ${change.model.id}` : change.type;
}

describe("watchServer", () => {
  test("the first probe tells what is there", async () => {
    expect(await collect([{ models: [model("a"), model("b")] }], 3)).toEqual(["up", "appeared a", "appeared b"]);
  });

  test("adapters come and go", async () => {
    const moments = [{}, {}, { models: [model("tiny"), model("lora", { parent: "tiny", root: "/l" })] }, {}];
    expect(await collect(moments, 4)).toEqual(["up", "appeared tiny", "appeared lora", "vanished lora"]);
  });

  test("an outage is told once, and no model vanishes by it", async () => {
    expect(
      await collect([{}, undefined, undefined, { models: [] }, {}, { models: [model("tiny"), model("new")] }], 5),
    ).toEqual(["up", "appeared tiny", "down", "up", "appeared new"]);
  });

  test("a restart and a new version", async () => {
    expect(await collect([{}, { startedAt: 5000 }, { startedAt: 5000, version: "0.33.0" }], 4)).toEqual([
      "up",
      "appeared tiny",
      "restarted",
      "restarted",
    ]);
  });

  test("a probe in which /version did not answer is no restart", async () => {
    const moments = [{}, { version: "" }, {}, { models: [model("tiny"), model("new")] }];
    expect(await collect(moments, 3)).toEqual(["up", "appeared tiny", "appeared new"]);
  });

  test("the same name for another model, or another window", async () => {
    const moments = [
      {},
      { models: [model("tiny", { root: "other" })] },
      { models: [model("tiny", { root: "other", max_model_len: 16384 })] },
    ];
    expect(await collect(moments, 4)).toEqual(["up", "appeared tiny", "changed tiny", "changed tiny"]);
  });

  test("a server that is down from the start", async () => {
    expect(await collect([undefined, undefined, {}], 3)).toEqual(["down", "up", "appeared tiny"]);
  });

  test("the signal ends it without an error, also in a pause", async () => {
    const stop = new AbortController();
    const seen: string[] = [];
    for await (const change of watchServer({
      baseUrl,
      intervalMs: 60_000,
      fetch: playMoments([{}]),
      signal: stop.signal,
    })) {
      seen.push(describeChange(change));
      if (seen.length === 2) setTimeout(() => stop.abort(), 5);
    }
    expect(seen).toEqual(["up", "appeared tiny"]);
  });

  test("templates are probed once for each start of the server", async () => {
    const fetch = playMoments([{}, {}, {}, { startedAt: 9000 }]);
    for await (const change of watchServer({ baseUrl, intervalMs: 1, fetch })) if (change.type === "restarted") break;
    const rendered = fetch.seen.filter(({ path }) => path === "/tokenize").length;
    const looks = fetch.seen.filter(({ path }) => path === "/v1/models").length;
    // This server has no /tokenize, so that every probe asks once and learns nothing.
    expect(rendered).toBe(looks);
  });

  test("an address that is none is thrown", async () => {
    await expect(watchServer({ baseUrl: "no address" }).next()).rejects.toMatchObject({ code: "CONFIG_INVALID" });
  });
});
