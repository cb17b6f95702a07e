// A page with a client and a chat.
import { createVllmClient } from "@vllm/client";

const reply = createVllmClient({ baseUrl: "http://127.0.0.1:8000" }).chat({ messages: [] });
for await (const event of reply) console.log(event);
