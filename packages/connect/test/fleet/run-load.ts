import { createVllmClient, type ChatMessage } from "@vllm/client";
import { VllmError } from "@vllm/schema";

export interface LoadFigures {
  requests: number;
  /** Error codes of the requests that failed, with how many there were of each. */
  failed: Record<string, number>;
  /** The slowest request, ms. */
  slowestMs: number;
}

/** Conversations of six turns, eight at a time, until told to stop; then those that are running end. */
export function startLoad(baseUrl: string): { stop(): Promise<LoadFigures> } {
  const client = createVllmClient({ baseUrl, model: "lab/tiny", resume: true });
  const figures: LoadFigures = { requests: 0, failed: {}, slowestMs: 0 };
  let isOn = true;
  let conversations = 0;

  async function converse(): Promise<void> {
    while (isOn) {
      conversations += 1;
      const affinity = `conversation-${conversations}`;
      const messages: ChatMessage[] = [{ role: "system", content: `You answer. Conversation ${conversations}.` }];
      for (let turn = 0; turn < 6 && isOn; turn += 1) {
        messages.push({ role: "user", content: `Question ${turn}` });
        const startedAt = performance.now();
        figures.requests += 1;
        try {
          const { text } = await client.complete({ messages, affinity, temperature: 0, max_tokens: 40 });
          messages.push({ role: "assistant", content: text });
        } catch (error) {
          const word = VllmError.isInstance(error) ? error.code : String(error);
          figures.failed[word] = (figures.failed[word] ?? 0) + 1;
          process.stderr.write(`${String(error)}\n`);
        }
        figures.slowestMs = Math.max(figures.slowestMs, Math.round(performance.now() - startedAt));
      }
    }
  }

  const workers = Promise.all(Array.from({ length: 8 }, converse));
  return {
    async stop() {
      isOn = false;
      await workers;
      return figures;
    },
  };
}
