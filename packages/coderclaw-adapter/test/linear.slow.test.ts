import { ATOMS, complaintsAbout } from "@vllm-tooling/contract";
import { expect, test } from "vitest";
import { editDocument } from "../src/config-file/edit-document.ts";
import { parseDocument } from "../src/config-file/read-config-file.ts";
import { plistVariables, unitVariables } from "../src/agent-config/gateway-service.ts";
import { failoverReasonOf, isNotice } from "../src/openclaw/error-text.ts";
import { toChatMessages } from "../src/openclaw/to-chat-messages.ts";
import { toAlias } from "../src/provider/model-alias.ts";
import { parseProviderId } from "../src/provider/provider-id.ts";
import { readVariable, setVariable } from "../src/secrets/env-file.ts";
import { redactDocument } from "../src/secrets/redact-document.ts";

const WORDS = [
  "passw",
  "-eyJabcdefghijk",
  "key:",
  "bearer ",
  "//",
  "/*",
  "[vllm:",
  "⚠️ ",
  "KEY=",
  "export KEY=",
  "${A}",
];
/** json5, which checks a document first, reads 4 to 20 MB in a second. The text is the user's own file. */
const JSON5_MS = 1000;

const asItIs = (text: string) => text;
const model = { id: "m", api: "vllm", provider: "vllm", baseUrl: "http://gpu:8000/v1" } as Parameters<
  typeof toChatMessages
>[1];

const edit = (text: string) => editDocument(text, [{ path: ["models", "providers"], value: { vllm: 1 } }]);

type Prepared = readonly [prepare: (text: string) => string, run: (input: string) => unknown, mostBlockedMs?: number];

const PASSES: Readonly<Record<string, Prepared>> = {
  "a document": [asItIs, (text) => parseDocument(text, "x.json"), JSON5_MS],
  "a document with a long text": [(text) => `{a: ${JSON.stringify(text)}, b: [1]}`, edit, JSON5_MS],
  "a document with a long comment": [
    (text) => `{\n  // ${text.replaceAll(/[\n\r]/g, " ")}\n  a: 1,\n}`,
    edit,
    JSON5_MS,
  ],
  "a document of many values": [
    (text) => `{a: [${`${JSON.stringify(text.slice(0, 8))},\n`.repeat(text.length / 16)}]}`,
    edit,
    JSON5_MS,
  ],
  "a document to show": [asItIs, redactDocument, JSON5_MS],
  "variables of a file": [asItIs, (text) => readVariable(text, "KEY")],
  "a variable to set": [(text) => `KEY=${text}`, (text) => setVariable(text, "KEY", "x")],
  "a launchd file": [(text) => `<key>EnvironmentVariables</key><dict>${text}`, plistVariables],
  "a systemd file": [(text) => `Environment=${text}`, unitVariables],
  "an id for an alias": [asItIs, (id) => toAlias(id)],
  "an id of a provider": [asItIs, parseProviderId],
  "an error's words": [(text) => `⚠️ ${text}`, (text) => [isNotice(text), failoverReasonOf(text)]],
  "a conversation": [
    asItIs,
    (text) => toChatMessages({ systemPrompt: text, messages: [{ role: "user", content: text }] } as never, model),
  ],
};

test.each(Object.entries(PASSES))("%s: read in linear time", async (_, [prepare, run, mostBlockedMs]) => {
  expect(await complaintsAbout({ prepare, run, mostBlockedMs }, [...ATOMS, ...WORDS])).toEqual([]);
});
