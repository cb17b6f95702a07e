import { buildCoderClaw } from "./build-coderclaw.ts";

/** The built CoderClaw of this run. */
export async function openCoderClaw(): Promise<string> {
  const source = process.env["CODERCLAW_SOURCE"];
  if (source === undefined) throw new Error("Run `pnpm test:coderclaw --source DIR` with a checkout of CoderClaw.");
  return buildCoderClaw(source);
}
