import { failureKinds, startFakeVllm, type FailureKind } from "@vllm-tooling/fake-vllm";
import { createVllmClient, VllmError } from "@vllm/client";

export interface FaultRow {
  fault: FailureKind;
  /** What a program sees: the code, and the sentence without the port. */
  code: string;
  message: string;
  requests: number;
  ms: number;
}

/** So that the table does not take half an hour; what the timeouts are is the caller's choice. */
const TIMEOUTS = { firstTokenMs: 1000, idleMs: 400 };

/** Every fault that the fake server can show, as a program with the client meets it. */
export async function measureFaults(): Promise<FaultRow[]> {
  const rows: FaultRow[] = [];
  for (const fault of failureKinds) {
    const server = await startFakeVllm({ fail: fault });
    const client = createVllmClient({ baseUrl: server.baseUrl, apiKey: "", timeouts: TIMEOUTS });
    const start = performance.now();
    const said = await client
      .complete({ model: "lab/tiny", messages: [{ role: "user", content: "hello" }] })
      .then((result) => ({ code: "whole answer", message: `${result.text.length} characters` }), describe);
    const requests = server.requests.filter(({ path }) => path.endsWith("/chat/completions")).length;
    rows.push({ fault, ...said, requests, ms: Math.round(performance.now() - start) });
    await server.close();
  }
  return rows;
}

function describe(error: unknown): { code: string; message: string } {
  if (!VllmError.isInstance(error)) throw error;
  return { code: error.code, message: error.message.replaceAll(/127\.0\.0\.1:\d+/g, "127.0.0.1:8000") };
}
