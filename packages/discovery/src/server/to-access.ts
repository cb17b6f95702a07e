import { displayUrl } from "@vllm/schema/core";
import { jsonOf, statusOf } from "../http/probe-outcome.ts";
import type { ModelList } from "../models/read-model-list.ts";
import { readModelList } from "../models/read-model-list.ts";
import type { ServerAccess } from "../report/server-report.ts";
import type { Snapshot } from "./snapshot.ts";

/** What one probe showed about the way to the server. Pure. */
export function toAccess(
  { models, modelsAtRoot }: Snapshot,
  list: ModelList | undefined,
  asked: { apiRoot: string } & Pick<ServerAccess, "keySent" | "credentialsInUrl" | "queryInUrl">,
): ServerAccess {
  const { apiRoot, keySent, credentialsInUrl, queryInUrl } = asked;
  const isElsewhere = list === undefined && readModelList(jsonOf(modelsAtRoot)) !== undefined;
  return {
    keySent,
    modelsStatus: statusOf(models),
    redirectedTo: models.kind === "redirect" && !models.isHome ? displayUrl(models.location) : undefined,
    foundAt: isElsewhere ? `${new URL(apiRoot).origin}/v1` : undefined,
    credentialsInUrl,
    queryInUrl,
    listTooLong: (models.kind === "answer" && models.isTruncated) || (list?.isLonger ?? false),
  };
}
