import type { Requirement } from "./requirement.ts";

const file = (paths: string) => `OpenClaw 2026.9.6: ${paths}`;
const measured = (what: string) => `OpenClaw 2026.9.6: \`openclaw ${what}\` against a real vLLM 0.32.0`;
const reported = (issues: string) => `OpenClaw up to 2026.9.6, reported in ${issues}`;

/** Rules of OpenClaw for setting up, for finding models, for windows and for what it sends. */
export const agentOpenClaw = {
  "agent/openclaw/address-is-enough": {
    behaviour: "VLLM_BASE_URL or an address alone is enough: no key, no model id and no configuration is needed.",
    source: measured("models list"),
  },
  "agent/openclaw/keyless": {
    behaviour:
      "A server without a key is set up unattended: rows with true windows, no key in the configuration, none on the wire.",
    source: measured("onboard --non-interactive"),
  },
  "agent/openclaw/true-window": {
    behaviour: "The list of models has the server's window, where the bundled plugin writes 128000.",
    source: file("dist/provider-setup-kvTpBSXL.mjs"),
  },
  "agent/openclaw/unlisted-model": {
    behaviour:
      "A model that is not configured is looked up, in local runs too, and reported: OpenClaw assumes 200000 tokens.",
    source: `${file("dist/extensions/vllm/index.js")}; reported in openclaw/openclaw#11983, #17193, #19866`,
  },
  "agent/openclaw/configured-model-not-probed": {
    behaviour: "No request precedes the first token of a model that is configured.",
    source: measured("agent --local, start of the process to the first token"),
  },
  "agent/openclaw/catalog-key": {
    behaviour: "The catalog asks with the real key and returns complete rows with the name of its variable.",
    source: file("docs/plugins/manifest.md; dist/index-DUVQdPAn.d.ts, the catalog's context"),
  },
  "agent/openclaw/catalog-cache": {
    behaviour: "One answer serves many questions of the catalog, and the last good one outlives the server.",
    source: file("dist/provider-setup-kvTpBSXL.mjs, which asks every time"),
  },
  "agent/openclaw/model-policy": {
    behaviour: "A policy that does not allow the default model is reported.",
    source: reported("openclaw/openclaw#81218"),
  },
  "agent/openclaw/evidence-not-names": {
    behaviour: "Reasoning and pictures come from evidence, and not from the name of the model.",
    source: file("dist/provider-model-shared-CS1BLsIC.mjs, which guesses reasoning and stamps every model text-only"),
  },
  "agent/openclaw/pictures": {
    behaviour: "A picture is sent to a model that accepts it; for another model its place is taken by a note.",
    source: `${measured("infer model run --file")}; inferencerlabs/inferencer-feedback#252, openclaw/openclaw#44696, #50593`,
  },
  "agent/openclaw/rough-token-count": {
    behaviour: "OpenClaw estimates a token as four characters, so it plans with 90 % of the true window.",
    source: reported("nearai/openclaw-nearai-worker#21"),
  },
  "agent/openclaw/smallest-window": {
    behaviour:
      "OpenClaw refuses to plan with less than 4000 tokens: a smaller window is written, and reported with its numbers.",
    source: `${file("the limit of its planner")}; an older one in inferencerlabs/inferencer-feedback#186`,
  },
  "agent/openclaw/idle-timeout": {
    behaviour: "A row limits a silent server to 300 s, and a limit that the user set stays.",
    source: `${measured("agent --local, timeoutSeconds")}; openclaw/openclaw#84063, #77744, #129146, #83979`,
  },
  "agent/openclaw/usage-in-streams": {
    behaviour: "Every stream is asked for its token counts, without which OpenClaw never compacts.",
    source: reported("openclaw/openclaw#51473, #68711, #120356, jundot/omlx#1041"),
  },
  "agent/openclaw/known-fields-only": {
    behaviour: "A request has no `store` and no `strict`, which vLLM ignores with a warning.",
    source: reported("openclaw/openclaw#48713"),
  },
  "agent/openclaw/developer-role": {
    behaviour: "The system prompt has the role system, since templates reject or drop the role developer.",
    source: reported("openclaw/openclaw#11490, earendil-works/pi#2946, hytime/dsh-thinking-effort#4, agegr/pi-web#579"),
  },
  "agent/openclaw/thinking-switch": {
    behaviour: "The thinking level reaches the model through its template's own switch, on and off.",
    source: `${measured("agent --local --thinking")}; openclaw/openclaw#54983, #72329, #86669, #141685`,
  },
  "agent/openclaw/thinking-levels": {
    behaviour: "The thinking levels on offer are those that the template has.",
    source: reported("openclaw/openclaw#86099"),
  },
  "agent/openclaw/consecutive-user-messages": {
    behaviour:
      "OpenClaw ends a request with two user messages: they are merged where the template requires it, or the way out is named.",
    source: reported("openclaw/openclaw#77336"),
  },
  "agent/openclaw/mistral-call-ids": {
    behaviour: "Call ids are rewritten to nine characters where the template requires it, in call and result alike.",
    source: reported("openclaw/openclaw#57672, #52548, #23740, vllm-project/vllm#9019"),
  },
  "agent/openclaw/call-ids-kept": {
    behaviour: "Call ids go back as they came; the bundled plugin removes their hyphens.",
    source: measured("agent --local, a tool loop"),
  },
  "agent/openclaw/reasoning-replayed": {
    behaviour: "Reasoning goes back with its turn, as `reasoning`.",
    source: `${measured("agent --local, a tool loop")}; BerriAI/litellm#41380, anomalyco/opencode#47346, #43022`,
  },
  "agent/openclaw/setup-server-down": {
    behaviour: "A server that does not answer during setup is one message with the cause, and nothing is written.",
    source: reported("openclaw/openclaw#21037"),
  },
  "agent/openclaw/local-address-guard": {
    behaviour: "OpenClaw's guard refuses addresses in Docker and in the local network.",
    source: "OpenClaw 2026.5.12, reported in openclaw/openclaw#82259, #82010, #82061, #80732, #83373, #79850",
    unverified: "OpenClaw's own guard, fixed there; docs/openclaw.md says how to allow an address",
  },
  "agent/openclaw/installer-menu": {
    behaviour: "vLLM is missing from the provider menu of OpenClaw's installer.",
    source: reported("openclaw/openclaw#134079"),
    unverified: "a menu of OpenClaw's installer, which no plugin can change",
  },
  "agent/openclaw/prefix-cache": {
    behaviour: "Volatile text in OpenClaw's system prompt makes every turn miss the prefix cache.",
    source: reported("openclaw/openclaw#78053, #40256, #45110"),
    unverified: "the text of OpenClaw's own system prompt",
  },
  "agent/openclaw/responses-protocol": {
    behaviour: "Reasoning is lost over the protocol openai-responses.",
    source: reported("openclaw/openclaw#133193"),
    unverified: "a protocol that our rows and our plugin do not use",
  },
  "agent/openclaw/every-chat-refused": {
    behaviour: "Every chat is refused with 400 by vLLM 0.6.3 with Qwen2.5-72B-AWQ.",
    source: reported("openclaw/openclaw#47946"),
    unverified: "the report names no cause",
  },
} as const satisfies Record<string, Requirement>;
