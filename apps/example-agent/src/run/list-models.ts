import { discoverServer } from "@vllm/discovery";
import type { ModelProfile } from "@vllm/schema";
import type { Connection } from "../connect/connect.ts";
import { toFound } from "../connect/find-server.ts";

/** The models as they are at this moment: adapters come and go. Those of an explicit provider are the config's. */
export async function listModels(connection: Connection, signal?: AbortSignal): Promise<readonly ModelProfile[]> {
  if (connection.isExplicit) return connection.models;
  const { baseUrl, apiKey } = connection;
  const report = await discoverServer({ baseUrl, apiKey, signal });
  return toFound(report, apiKey, () => {}).models;
}
