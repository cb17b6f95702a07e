import { loadFixture } from "@vllm-tooling/fixtures";

/** What was asked, as a server sees it. */
export interface SeenRequest {
  method: string;
  path: string;
  headers: Headers;
  body: unknown;
}

type Reply = Response | Error | ((request: SeenRequest) => Response | Error | Promise<Response | Error>);

/** A `fetch` that answers from a table of `METHOD /path`; an unknown path is vLLM's own 404. Keeps what was asked. */
export function playFetch(table: Readonly<Record<string, Reply>>): typeof fetch & { seen: SeenRequest[] } {
  const seen: SeenRequest[] = [];
  const play = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const request = new Request(input, init);
    const text = await request.text();
    const path = new URL(request.url).pathname;
    const entry: SeenRequest = {
      method: request.method,
      path,
      headers: request.headers,
      body: text === "" ? undefined : JSON.parse(text),
    };
    seen.push(entry);
    const reply = table[`${request.method} ${path}`] ?? table[`${request.method} *`];
    const answer = typeof reply === "function" ? await reply(entry) : reply;
    if (answer instanceof Error) throw answer;
    return answer?.clone() ?? Response.json({ detail: "Not Found" }, { status: 404 });
  };
  return Object.assign(play as typeof fetch, { seen });
}

/** A recorded answer, byte for byte. */
export function recorded(id: string): Response {
  const { status, headers, body } = loadFixture(id).response;
  if (status === 0) throw new Error(`${id} has no answer: play a network error instead.`);
  const kept = headers.filter(([name]) => !/^(content-length|transfer-encoding|connection)$/i.test(name));
  const hasBody = body.length > 0 && status !== 204 && status !== 304;
  return new Response(hasBody ? new Uint8Array(body) : null, {
    status,
    headers: kept.map(([name, value]) => [name, value]),
  });
}

/** Node's own shape of a network failure: the code is one level down. */
export function networkError(code: string): Error {
  return Object.assign(new TypeError("fetch failed"), { cause: Object.assign(new Error(code), { code }) });
}
