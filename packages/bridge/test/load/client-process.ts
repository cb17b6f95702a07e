/** Our client reading many streams at once, each time it is told to. Forked by `run-load.ts`. */
import { createVllmClient } from "@vllm/client";
import { answerUsage } from "./usage.ts";

const [baseUrl = "", streams = "200", recovers = "true"] = process.argv.slice(2);
const recover = recovers === "true" ? { thinkTags: true, toolCallText: true } : undefined;
const client = createVllmClient({ baseUrl, recover });
answerUsage();
process.on("message", (message) => {
  if (message === "read") void read();
});

async function read(): Promise<void> {
  let texts = 0;
  await Promise.all(
    Array.from({ length: Number(streams) }, async () => {
      const reply = client.chat({ model: "m", messages: [{ role: "user", content: "x" }] });
      for await (const event of reply) if (event.type === "text_delta") texts += 1;
    }),
  );
  process.send?.({ texts });
}
