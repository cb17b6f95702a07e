/** `ask-endless.ts <base URL> "<what> <transport>"`: asks once, and tells how it ended and what the process took. */
import { createVllmClient } from "@vllm/client";

const [, , baseUrl = "", how = ""] = process.argv;
const options = how.endsWith("fetch") ? { fetch: (url: string, init: RequestInit) => globalThis.fetch(url, init) } : {};
const client = createVllmClient({ baseUrl, retry: { maxRetries: 0 }, ...options });
const messages = [{ role: "user" as const, content: "hello" }];

async function ask(): Promise<unknown> {
  if (how.startsWith("chat")) return client.complete({ model: "m", messages });
  if (how.startsWith("models")) return client.complete({ messages });
  if (how.startsWith("tokenize")) return client.tokenize({ model: "m", prompt: "hello" });
  return undefined;
}

const code = await ask().then(
  () => "answered",
  (error: unknown) => String((error as { code?: unknown }).code),
);
process.send?.({ code, peak: process.resourceUsage().maxRSS * 1024 });
process.disconnect?.();
