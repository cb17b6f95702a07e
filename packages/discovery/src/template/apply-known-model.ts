import type { DiscoveredModel } from "../report/server-report.ts";

/** A model as the list shows it now, with what an earlier probe showed of it. The list is newer and stays as it is. */
export function applyKnownModel(model: DiscoveredModel, known: DiscoveredModel): DiscoveredModel {
  const { id, root, parent, aliases, task, taskEvidence, contextWindow, profile } = model;
  const isSaid = profile.contextWindow.source === "server" || profile.contextWindow.source === "gateway";
  return {
    ...known,
    id,
    root,
    parent,
    aliases,
    task,
    taskEvidence,
    contextWindow: contextWindow ?? known.contextWindow,
    profile: {
      ...known.profile,
      id,
      root,
      parent,
      serverVersion: profile.serverVersion,
      contextWindow: isSaid ? profile.contextWindow : known.profile.contextWindow,
    },
  };
}
