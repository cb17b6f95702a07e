import type { IncomingMessage, ServerResponse } from "node:http";
import { describe, expect, test } from "vitest";
import { discoverServer, watchServer, type ServerChange } from "@vllm/discovery";
import { useOwnServers } from "./own-servers.ts";

const { serve } = useOwnServers();

interface Member {
  model: string;
  window: number;
  startedAt: number;
}

const ALIKE: Member = { model: "lab/tiny", window: 4096, startedAt: 1_790_000_000 };
const LATER: Member = { ...ALIKE, startedAt: 1_790_000_600 };
const OTHER: Member = { model: "lab/other", window: 2048, startedAt: 1_790_000_700 };

function answer({ model, window, startedAt }: Member, request: IncomingMessage, response: ServerResponse): void {
  const json = (value: object) => response.setHeader("content-type", "application/json").end(JSON.stringify(value));
  const path = request.url ?? "";
  if (path === "/v1/models")
    json({ object: "list", data: [{ id: model, root: model, owned_by: "vllm", max_model_len: window }] });
  else if (path === "/version") json({ version: "0.32.0" });
  else if (path === "/metrics")
    response.end(`process_start_time_seconds ${startedAt}\nvllm:num_requests_running{engine="0"} 0\n`);
  else if (path === "/health") response.end();
  else response.writeHead(404).end();
}

/** nginx with `hash $http_x_session_id`: each session has its server. */
async function serveFleet(members: readonly Member[], server = "nginx/1.22.1") {
  const sessions = new Map<string, Member>();
  const bySession: string[] = [];
  const baseUrl = await serve((request, response) => {
    request.resume();
    const session = String(request.headers["x-session-id"]);
    bySession.push(session);
    if (!sessions.has(session)) sessions.set(session, members[sessions.size % members.length] as Member);
    response.setHeader("server", server);
    answer(sessions.get(session) as Member, request, response);
  });
  return { baseUrl, bySession };
}

/** A balancer that does not look at sessions: each GET of a path goes to the next server. */
async function serveInTurn(members: readonly Member[]) {
  const turns = new Map<string, number>();
  const fleet = { members, baseUrl: "", looks: 0 };
  fleet.baseUrl = await serve((request, response) => {
    request.resume();
    const path = request.url ?? "";
    const turn = turns.get(path) ?? 0;
    turns.set(path, turn + 1);
    if (path === "/v1/models") fleet.looks += 1;
    response.setHeader("server", "nginx");
    answer(fleet.members[turn % fleet.members.length] as Member, request, response);
  });
  return fleet;
}

async function watch(baseUrl: string, looks: () => boolean, onChange: (change: ServerChange) => void): Promise<void> {
  const stop = new AbortController();
  const timer = setInterval(() => looks() && stop.abort(), 5);
  for await (const change of watchServer({ baseUrl, probe: "list", intervalMs: 10, signal: stop.signal }))
    onChange(change);
  clearInterval(timer);
}

const fleetCodes = (findings: readonly { code: string; severity: string }[]) =>
  findings.filter(({ code }) => code.startsWith("SERVERS_")).map(({ code, severity }) => `${severity} ${code}`);

describe("a probe of several servers behind one address", () => {
  test("asks one of them: all its questions have one session", async () => {
    const { baseUrl, bySession } = await serveFleet([ALIKE, OTHER]);
    const report = await discoverServer({ baseUrl });
    expect(report.models.map(({ id }) => id)).toEqual(["lab/tiny"]);
    expect(report.capacity?.startedAt).toBe(ALIKE.startedAt * 1000);
    const own = bySession.filter((session) => !session.startsWith("probe-other-"));
    expect(new Set(own).size).toBe(1);
    expect(own[0]).toMatch(/^probe-[a-z0-9]{8,}$/);
  });

  test("finds servers that are not alike", async () => {
    const { baseUrl } = await serveFleet([ALIKE, OTHER]);
    const { findings, fleet } = await discoverServer({ baseUrl, probe: "list" });
    expect(fleet).toMatchObject({
      router: "nginx",
      seen: [{ models: [{ id: "lab/tiny" }] }, { models: [{ id: "lab/other" }] }],
    });
    expect(fleetCodes(findings)).toEqual(["warning SERVERS_DIFFER"]);
    const { message } = findings.find(({ code }) => code === "SERVERS_DIFFER") ?? {};
    expect(message).toContain("lab/tiny (4096)");
    expect(message).toContain("lab/other (2048)");
  });

  test("says that capacity is one server's, where they are alike", async () => {
    const { baseUrl } = await serveFleet([ALIKE, LATER]);
    expect(fleetCodes((await discoverServer({ baseUrl, probe: "list" })).findings)).toEqual(["info SERVERS_DIFFER"]);
  });

  test("has nothing to say of one server, with and without a proxy", async () => {
    for (const server of ["nginx/1.22.1", "uvicorn"]) {
      const { baseUrl, bySession } = await serveFleet([ALIKE], server);
      const report = await discoverServer({ baseUrl, probe: "list" });
      expect(fleetCodes(report.findings)).toEqual([]);
      expect(bySession.some((session) => session.startsWith("probe-other-"))).toBe(server !== "uvicorn");
    }
  });

  test("counts the servers that vllm-router says are down", async () => {
    const baseUrl = await serve((request, response) => {
      request.resume();
      if (request.url === "/readiness") response.end('{"status":"ready","healthy_workers":1,"total_workers":2}');
      else if (request.url === "/health") response.writeHead(503).end('Unhealthy servers: ["http://127.0.0.1:8441"]');
      else answer(ALIKE, request, response);
    });
    const { findings, state, fleet } = await discoverServer({ baseUrl, probe: "list" });
    expect([state, fleet?.count]).toEqual(["ready", { total: 2, healthy: 1 }]);
    expect(findings.find(({ code }) => code === "SERVERS_DOWN")?.message).toBe(
      "1 of 2 servers behind the router is down: http://127.0.0.1:8441.",
    );
  });

  test("a port for TLS that is asked in plain HTTP says so", async () => {
    const page = "<html>\r\n<head><title>400 The plain HTTP request was sent to HTTPS port</title></head>\r\n</html>";
    const baseUrl = await serve((request, response) => {
      request.resume();
      response.writeHead(400, { "content-type": "text/html", server: "nginx" }).end(page);
    });
    const { findings } = await discoverServer({ baseUrl, probe: "list" });
    expect(findings[0]).toMatchObject({ code: "WRONG_PATH", fix: expect.stringContaining("https://") });
  });
});

describe("a watch behind a balancer", () => {
  test("does not take a sibling for a restart, nor its models for new ones", async () => {
    const fleet = await serveInTurn([ALIKE, { ...LATER, model: "lab/other" }]);
    const seen: string[] = [];
    await watch(
      fleet.baseUrl,
      () => fleet.looks > 40,
      (change) => seen.push(change.type),
    );
    expect(seen.slice(0, 2)).toEqual(["up", "appeared"]);
    expect(seen).not.toContain("restarted");
    expect(seen).not.toContain("down");
  });

  test("sees a restart: a start that is new", async () => {
    const fleet = await serveInTurn([ALIKE, LATER]);
    const seen: string[] = [];
    await watch(
      fleet.baseUrl,
      () => fleet.looks > 60,
      (change) => {
        seen.push(change.type);
        fleet.members = [ALIKE, LATER].map((member) => ({ ...member, startedAt: member.startedAt + 5000 }));
      },
    );
    expect(seen).toContain("restarted");
  });

  test("believes a model that is gone when two probes say so", async () => {
    const fleet = await serveInTurn([ALIKE]);
    const seen: string[] = [];
    await watch(
      fleet.baseUrl,
      () => seen.includes("vanished") || fleet.looks > 200,
      (change) => {
        seen.push(change.type);
        fleet.members = [{ ...ALIKE, model: "lab/new" }];
      },
    );
    expect(seen).toEqual(["up", "appeared", "appeared", "vanished"]);
  });
});
