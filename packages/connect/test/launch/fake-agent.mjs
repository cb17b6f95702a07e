#!/usr/bin/env node
// Stands for a coding agent on the PATH: says how it was started, and does what its last words ask for.
import { writeFileSync, readFileSync, existsSync } from "node:fs";

const { argv, env, pid } = process;
const words = argv.slice(2);
const settings = env.QWEN_CODE_SYSTEM_SETTINGS_PATH;
const files = settings !== undefined && existsSync(settings) ? { [settings]: readFileSync(settings, "utf8") } : {};
const report = { pid, words, env, files };

function ask(more = {}) {
  return fetch(`${env.OPENAI_BASE_URL}/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${env.OPENAI_API_KEY}` },
    body: JSON.stringify({
      model: env.OPENAI_MODEL,
      messages: [
        { role: "system", content: "An agent." },
        { role: "user", content: "Hello" },
      ],
      tools: [{ type: "function", function: { name: "shell", parameters: { type: "object", properties: {} } } }],
      ...more,
    }),
  });
}

for (const word of words) {
  if (word === "ask") report.answer = (await ask()).status;
  if (word === "ask-streamed") void ask({ stream: true }).catch(() => undefined);
}
writeFileSync(env.FAKE_AGENT_REPORT, JSON.stringify(report));
if (words.includes("end-on-interrupt")) process.on("SIGINT", () => process.exit(42));
process.stdout.write("the agent is here\n");
if (words.includes("stay")) setInterval(() => undefined, 60_000);
else process.exit(Number(words.at(-1)?.replace("exit=", "")) || 0);
