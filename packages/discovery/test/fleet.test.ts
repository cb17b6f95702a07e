import type { IncomingMessage, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
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

interface Chat {
  model: string;
  messages: { content: string }[];
}

/** Servers with a prefix cache, chosen for each chat by `choose`; as vLLM with `--enable-prompt-tokens-details`, or without. */
async function serveCaches(choose: (session: string, turn: number) => number, counts = true) {
  const caches: Set<string>[] = [new Set(), new Set()];
  const sessions: string[] = [];
  const baseUrl = await serve(async (request, response) => {
    response.setHeader("server", "nginx/1.22.1");
    const body = await text(request);
    if (request.url !== "/v1/chat/completions" || request.method !== "POST") return answer(ALIKE, request, response);
    const { messages, ...rest } = JSON.parse(body) as Chat & Record<string, unknown>;
    if (request.headers["x-data-parallel-rank"] !== undefined || rest["max_tokens"] !== 1)
      return void response.writeHead(400).end("{}");
    const session = String(request.headers["x-session-id"]);
    const cache = caches[choose(session, sessions.push(session) - 1)];
    const contents = messages.map(({ content }) => content);
    const cached = contents.filter((_, at) => cache?.has(contents.slice(0, at + 1).join(" "))).length;
    for (const [at] of contents.entries()) cache?.add(contents.slice(0, at + 1).join(" "));
    // The template's own beginning is found on every server.
    const prompt_tokens_details = counts ? { cached_tokens: 32 + contents.slice(0, cached).join("").length } : null;
    const prompt_tokens = 40 + contents.join("").length;
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ choices: [], usage: { total_tokens: 10, prompt_tokens, prompt_tokens_details } }));
  });
  return { baseUrl, sessions };
}

const findingsOf = async (baseUrl: string) => (await discoverServer({ baseUrl, probe: "active" })).findings;

describe("whether X-Session-ID keeps a conversation on one server", () => {
  test("it does not: turns go to all servers", async () => {
    const { baseUrl, sessions } = await serveCaches((_, turn) => turn % 2);
    const finding = (await findingsOf(baseUrl)).find(({ code }) => code === "AFFINITY_WITHOUT_EFFECT");
    expect(finding).toMatchObject({ severity: "warning", fix: expect.stringContaining("hash $http_x_session_id") });
    expect(finding?.message).toContain("2 of 6");
    expect(new Set(sessions).size).toBe(2);
    for (const session of sessions) expect(session).toMatch(/^[A-Za-z0-9_-]{8,}$/);
  });

  test.each([
    ["it does", (session: string) => session.charCodeAt(8) % 2, true],
    ["nobody counts", (_: string, turn: number) => turn % 2, false],
  ])("%s: nothing is said", async (_, choose, counts) => {
    const { baseUrl, sessions } = await serveCaches(choose, counts);
    const codes = (await findingsOf(baseUrl)).map(({ code }) => code);
    expect(codes).not.toContain("AFFINITY_WITHOUT_EFFECT");
    expect(sessions).toHaveLength(8);
  });

  test("is not asked by a passive probe", async () => {
    const { baseUrl, sessions } = await serveCaches((_, turn) => turn % 2);
    await discoverServer({ baseUrl });
    expect(sessions).toHaveLength(0);
  });
});

describe("LiteLLM, which lists models without asking", () => {
  const serveLiteLLM = async (status: number) => {
    const chats: unknown[] = [];
    const baseUrl = await serve(async (request, response) => {
      const body = await text(request);
      response.setHeader("content-type", "application/json").setHeader("x-litellm-version", "1.106.2");
      if (request.url === "/v1/models") response.end('{"object":"list","data":[{"id":"tiny","owned_by":"openai"}]}');
      else if (request.url === "/health/liveliness") response.end('"I\'m alive!"');
      else if (request.url === "/v1/chat/completions" && request.method === "POST") {
        chats.push(JSON.parse(body));
        response.writeHead(status).end('{"usage":{"total_tokens":3}}');
      } else response.writeHead(404).end("{}");
    });
    return { baseUrl, chats };
  };
  const NOT_ASKED = "without asking the servers";

  test("is said; a chat of one token shows more", async () => {
    const { baseUrl, chats } = await serveLiteLLM(200);
    expect(JSON.stringify((await discoverServer({ baseUrl })).findings)).toContain(NOT_ASKED);
    expect(chats).toHaveLength(0);
    const { findings, tokensSpent } = await discoverServer({ baseUrl, probe: "active" });
    expect(JSON.stringify(findings)).not.toContain(NOT_ASKED);
    expect(findings.map(({ code }) => code)).not.toContain("NO_HEALTHY_SERVER");
    expect([chats, tokensSpent]).toMatchObject([[{ model: "tiny", max_tokens: 1 }], 3]);
  });

  test.each([
    [500, true],
    [429, false],
  ])("a chat that gets %i: %j", async (status, isDown) => {
    const { baseUrl } = await serveLiteLLM(status);
    expect((await findingsOf(baseUrl)).some(({ code }) => code === "NO_HEALTHY_SERVER")).toBe(isDown);
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
