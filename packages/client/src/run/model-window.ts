import type { VllmClient } from "../create-vllm-client.ts";

/** The list of models is asked for once for each client: a model's window does not change while it is served. */
const known = new WeakMap<VllmClient, Map<string, Promise<number | undefined>>>();

/** The window of a model, in tokens, as the server lists it; undefined where it does not say. */
export function findWindow(client: VllmClient, model: string): Promise<number | undefined> {
  const windows = known.get(client) ?? new Map<string, Promise<number | undefined>>();
  known.set(client, windows);
  const found = windows.get(model) ?? askFor(client, model);
  windows.set(model, found);
  return found;
}

async function askFor(client: VllmClient, model: string): Promise<number | undefined> {
  try {
    return (await client.models()).find(({ id }) => id === model)?.maxModelLen;
  } catch {
    // Some gateways have no list. The server's refusal names the window, too.
    return undefined;
  }
}
