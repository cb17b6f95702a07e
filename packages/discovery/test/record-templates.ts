/**
 * Records what chat templates render on a real vLLM, for the table test of the template probe.
 *
 * Needs a server with `--trust-request-chat-template` (every request brings its template) and a folder of `.jinja` files:
 * `node --conditions=@vllm/source test/record-templates.ts http://127.0.0.1:8000 FOLDER "where the templates come from" [NAME...]`
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createProbeHttp } from "../src/http/create-probe-http.ts";
import { createRenderer } from "../src/template/create-renderer.ts";
import { probeTemplate } from "../src/template/probe-template.ts";
import type { RecordedTemplate } from "./recorded-template.ts";
import { createCountingNonce, requestKey } from "./recorded-template.ts";

const [serverRoot = "", folder = "", source = "", ...names] = process.argv.slice(2);
const { version } = (await (await fetch(`${serverRoot}/version`)).json()) as { version: string };
const { data } = (await (await fetch(`${serverRoot}/v1/models`)).json()) as { data: [{ id: string }] };
const model = data[0].id;
const files = readdirSync(folder).filter((file) => file.endsWith(".jinja"));

for (const name of files.map((file) => file.slice(0, -".jinja".length))) {
  if (names.length > 0 && !names.includes(name)) continue;
  const recorded: RecordedTemplate = {
    template: name,
    source,
    vllm: version,
    recorded: new Date().toISOString().slice(0, 10),
    maxModelLen: 0,
    texts: [],
    refusals: [],
    answers: {},
  };
  const template = readFileSync(join(folder, `${name}.jinja`), "utf8");
  const http = createProbeHttp({
    deadline: AbortSignal.timeout(120_000),
    fetch: (input, init) => record(new Request(input, init), template, recorded),
  });
  const probe = await probeTemplate(createRenderer(http, serverRoot, model), createCountingNonce());
  writeFileSync(new URL(`templates/${name}.json`, import.meta.url), `${JSON.stringify(recorded, null, 1)}\n`);
  process.stdout.write(`${name}: ${probe.kind}, ${Object.keys(recorded.answers).length} renderings\n`);
}

async function record(request: Request, template: string, recorded: RecordedTemplate): Promise<Response> {
  const body = (await request.json()) as Record<string, unknown>;
  if (!request.url.endsWith("/tokenize")) return post(request.url, body);
  const response = await post(request.url, { ...body, chat_template: template });
  const text = await response.clone().text();
  const key = requestKey(body);
  if (response.status !== 200) {
    recorded.answers[key] = `r${indexOf(recorded.refusals, { status: response.status, body: text })}`;
    return response;
  }
  const { tokens, max_model_len: maxModelLen } = JSON.parse(text) as { tokens: number[]; max_model_len: number };
  const detokenized = await post(request.url.replace("/tokenize", "/detokenize"), { model, tokens });
  const { prompt } = (await detokenized.json()) as { prompt: string };
  recorded.maxModelLen = maxModelLen;
  recorded.answers[key] = `t${indexOf(recorded.texts, prompt)}`;
  return response;
}

function indexOf<Item>(list: Item[], item: Item): number {
  const known = list.findIndex((other) => JSON.stringify(other) === JSON.stringify(item));
  return known >= 0 ? known : list.push(item) - 1;
}

function post(url: string, body: unknown): Promise<Response> {
  return fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
}
