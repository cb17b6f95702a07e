import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { readExamples } from "@vllm-tooling/contract/examples";

export const examples = readExamples(fileURLToPath(new URL("../../examples", import.meta.url)));

export interface Ran {
  stdout: string;
  stderr: string;
}

/** Runs an example as somebody would who pasted it into a file, with the address of a server instead of the one that is written. */
export function runExample(
  name: string,
  baseUrl: string,
  { apiKey = "", more = "", pictureFolder = "." } = {},
): Promise<Ran> {
  const shown = examples.read(name).replaceAll(/http:\/\/gpu\d:8000\/v1/g, baseUrl);
  const program = `${shown.replace("square.png", `${pictureFolder}/square.png`)}\n${more}`;
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ["--conditions=@vllm/source", "--input-type=module-typescript", "--eval", program],
      { cwd: import.meta.dirname, env: { ...process.env, VLLM_BASE_URL: baseUrl, VLLM_API_KEY: apiKey } },
      (_, stdout, stderr) =>
        resolve({ stdout, stderr: stderr.replaceAll(/^.*(?:ExperimentalWarning|--trace-warnings).*\n/gm, "") }),
    );
  });
}

/** Asks the route of the example as `useChat` does, and prints the parts of the message that it shows. */
export const askAsUseChat = (text: string) => `
import { DefaultChatTransport, readUIMessageStream } from "ai";
const transport = new DefaultChatTransport({
  api: "http://route.test/api/chat",
  fetch: async (url, init) => app.request(String(url), init),
});
const stream = await transport.sendMessages({
  chatId: "1",
  trigger: "submit-message",
  messageId: undefined,
  messages: [{ id: "1", role: "user", parts: [{ type: "text", text: ${JSON.stringify(text)} }] }],
  abortSignal: undefined,
});
let last;
for await (const message of readUIMessageStream({ stream })) last = message;
console.log(JSON.stringify(last?.parts));
`;
