import { describe, expect, test } from "vitest";
import { useOwnServers } from "./own-servers.ts";
import { discoverServer } from "../src/index.ts";

const { serve } = useOwnServers();

describe("a hostile server takes no time", () => {
  test("a list without an end in sight is read to its thousandth model", async () => {
    const data = Array.from({ length: 50_000 }, (_, index) => ({ id: `m${index}`, root: "r", owned_by: "vllm" }));
    const body = JSON.stringify({ object: "list", data });
    const baseUrl = await serve((request, response) => {
      if (request.url === "/v1/models") return response.end(body);
      return response.writeHead(404).end();
    });
    const start = performance.now();
    const report = await discoverServer({ baseUrl, probe: "list" });
    expect(performance.now() - start).toBeLessThan(4000);
    expect(report.models).toHaveLength(1000);
    expect(report.findings[0]).toMatchObject({ code: "MODEL_LIST_TOO_LONG", severity: "warning" });
    expect(report.findings.find(({ code }) => code === "MODEL_ALIAS")?.message.length).toBeLessThan(300);
  });

  test("JSON of half a million brackets is parsed once", async () => {
    const body = "[".repeat(500_000);
    const baseUrl = await serve((_request, response) => response.end(body));
    const start = performance.now();
    expect(await discoverServer({ baseUrl, probe: "list" })).toMatchObject({ state: "wrong-server", models: [] });
    expect(performance.now() - start).toBeLessThan(4000);
  });

  test("/metrics of another world, and a version that is a novel", async () => {
    const baseUrl = await serve((request, response) => {
      if (request.url === "/v1/models")
        return response.end('{"data":[{"id":"m","owned_by":"vllm","max_model_len":65536}]}');
      if (request.url === "/version") return response.end(JSON.stringify({ version: "x".repeat(100_000) }));
      if (request.url === "/metrics")
        return response.end(`vllm:num_requests_running{a="${"\\".repeat(50_000)}"} 1\n`.repeat(20));
      return response.writeHead(404).end();
    });
    const start = performance.now();
    expect(await discoverServer({ baseUrl })).toMatchObject({ state: "ready", version: undefined });
    expect(performance.now() - start).toBeLessThan(4000);
  });
});
