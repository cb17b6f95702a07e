import type { ThinkingControl, ThinkingRequest } from "@vllm/schema/core";
import type { ThoughtMarker } from "../families/thought-markers.ts";
import {
  BUDGET_KEY,
  EFFORT_KEYS,
  EFFORT_WORDS,
  NO_EFFORT_WORDS,
  THINKING_SWITCHES,
} from "../families/thinking-switches.ts";
import type { ThinkingSwitch } from "../families/thinking-switches.ts";
import type { Rendered, Renderer } from "./create-renderer.ts";
import type { Nonces } from "./questions.ts";
import { baseRendering } from "./questions.ts";
import type { ThoughtState } from "./read-thought-state.ts";
import { readThoughtState } from "./read-thought-state.ts";

export interface ThinkingFacts {
  control: ThinkingControl;
  evidence: string;
  /** Marker seen when a switch changed the prompt's end. */
  marker: ThoughtMarker | undefined;
}

type Kwargs = Readonly<Record<string, unknown>>;

/** Which `chat_template_kwargs` change the prompt, and which of their values is the default on this server. */
export async function probeThinking(
  renderer: Renderer,
  nonces: Nonces,
  base: { key: string; thought: ThoughtState },
): Promise<ThinkingFacts | undefined> {
  const ask = (kwargs: Kwargs) => renderer.render(baseRendering(nonces, kwargs));
  const all = await Promise.all([
    ask(everything("on", "max")),
    ask(everything("on", "low")),
    ask(everything("off", "low")),
  ]);
  if (all.every((rendered) => rendered.kind === "failed")) return undefined;
  if (!all.some((rendered) => changes(rendered, base.key))) return withoutSwitch(base.thought);

  const found = await findSwitch(ask);
  const [strong, weak, off] = all.map(keyOf);
  const isAllOfIt = found !== undefined && strong === keyOf(found.on) && weak === strong && off === keyOf(found.off);
  const [budget, effortKeys] = isAllOfIt
    ? [undefined, undefined]
    : await Promise.all([
        Promise.all([ask({ [BUDGET_KEY]: 0 }), ask({ [BUDGET_KEY]: 512 })]),
        findEffortKey(ask, base.key),
      ]);
  const control: ThinkingControl = { default: defaultOf(found, base) };
  const said: string[] = [];
  let marker: ThoughtMarker | undefined;
  if (found !== undefined) {
    control.on = { chat_template_kwargs: { [found.item.key]: found.item.on } };
    control.off = { chat_template_kwargs: { [found.item.key]: found.item.off } };
    said.push(`chat_template_kwargs.${found.item.key} changes the prompt`);
    marker = await markerOf(renderer, nonces, [found.off, found.on]);
  }
  if (budget?.[0].kind === "tokens" && budget[1].kind === "tokens" && budget[0].key !== budget[1].key) {
    control.budgetKwarg = BUDGET_KEY;
    control.off ??= { chat_template_kwargs: { [BUDGET_KEY]: 0 } };
    if (control.default === "unknown") control.default = base.key === budget[0].key ? "off" : "on";
    said.push(`chat_template_kwargs.${BUDGET_KEY} changes the prompt`);
  }
  // A thought that is off by default hides what the effort does.
  const thinkingOn = control.default === "on" ? {} : { ...control.on?.chat_template_kwargs };
  const effortKey = isAllOfIt
    ? undefined
    : (effortKeys ??
      (Object.keys(thinkingOn).length > 0
        ? await findEffortKey(ask, keyOf(found?.on) ?? base.key, thinkingOn)
        : undefined));
  if (effortKey !== undefined) {
    await addEfforts(ask, effortKey, thinkingOn, base, control);
    said.push(`chat_template_kwargs.${effortKey} changes the prompt`);
  }
  if (said.length === 0) return withoutSwitch(base.thought);
  return { control, evidence: `${said.join(", ")}; without them ${describeDefault(control, base.thought)}`, marker };
}

/** Every key at once: a template that changes for none of these knows none of the keys, and three requests have told it. */
function everything(side: "on" | "off", effort: string): Kwargs {
  return Object.fromEntries([
    ...THINKING_SWITCHES.map((item) => [item.key, item[side]] as const),
    ...EFFORT_KEYS.map((key) => [key, effort] as const),
    [BUDGET_KEY, side === "on" ? 512 : 0] as const,
  ]);
}

interface BothSides {
  item: ThinkingSwitch;
  on: Rendered;
  off: Rendered;
}

/** The first switch whose sides render differently; the two common ones are asked first. */
async function findSwitch(ask: (kwargs: Kwargs) => Promise<Rendered>): Promise<BothSides | undefined> {
  for (const switches of [THINKING_SWITCHES.slice(0, 2), THINKING_SWITCHES.slice(2)]) {
    const sides = await Promise.all(switches.map((item) => askBoth(ask, item)));
    const found = sides.find(({ on, off }) => on.kind === "tokens" && off.kind === "tokens" && on.key !== off.key);
    if (found !== undefined) return found;
  }
  return undefined;
}

async function askBoth(ask: (kwargs: Kwargs) => Promise<Rendered>, item: ThinkingSwitch): Promise<BothSides> {
  const [on, off] = await Promise.all([ask({ [item.key]: item.on }), ask({ [item.key]: item.off })]);
  return { item, on, off };
}

function withoutSwitch(thought: ThoughtState): ThinkingFacts | undefined {
  if (thought.state === "none") return undefined;
  return {
    control: { default: thought.state === "opened" ? "on" : "off" },
    evidence: `the prompt ends ${thought.state === "opened" ? "inside a thought" : "after an empty thought"}, and no known switch changes it`,
    marker: thought.marker,
  };
}

function defaultOf(
  found: BothSides | undefined,
  base: { key: string; thought: ThoughtState },
): ThinkingControl["default"] {
  if (found !== undefined) {
    if (keyOf(found.off) === base.key) return "off";
    if (keyOf(found.on) === base.key) return "on";
  }
  return base.thought.state === "opened" ? "on" : base.thought.state === "closed" ? "off" : "unknown";
}

async function markerOf(
  renderer: Renderer,
  nonces: Nonces,
  renderings: readonly Rendered[],
): Promise<ThoughtMarker | undefined> {
  const texts = await Promise.all(
    renderings.map(async (rendered) => (rendered.kind === "tokens" ? renderer.readText(rendered.tokens) : undefined)),
  );
  for (const text of texts) {
    const marker = text === undefined ? undefined : readThoughtState(text.slice(text.lastIndexOf(nonces.user))).marker;
    if (marker !== undefined) return marker;
  }
  return undefined;
}

async function findEffortKey(
  ask: (kwargs: Kwargs) => Promise<Rendered>,
  baseKey: string,
  thinkingOn: Kwargs = {},
): Promise<string | undefined> {
  const changed = await Promise.all(
    EFFORT_KEYS.map(async (key) => {
      const answers = await Promise.all(["high", "low", "max"].map((word) => ask({ ...thinkingOn, [key]: word })));
      return answers.some((rendered) => changes(rendered, baseKey)) ? key : undefined;
    }),
  );
  return changed.find((key) => key !== undefined);
}

async function addEfforts(
  ask: (kwargs: Kwargs) => Promise<Rendered>,
  effortKey: string,
  thinkingOn: Kwargs,
  base: { key: string },
  control: ThinkingControl,
): Promise<void> {
  const request = (word: string): ThinkingRequest => ({ chat_template_kwargs: { ...thinkingOn, [effortKey]: word } });
  const [nonsense, ...answers] = await Promise.all(
    ["no-such-effort", ...EFFORT_WORDS].map((word) => ask({ ...thinkingOn, [effortKey]: word })),
  );
  const rendered = new Map(EFFORT_WORDS.map((word, index) => [word as string, answers[index]] as const));
  const unknownKey = keyOf(nonsense);
  const accepted = [...rendered].filter(([, answer]) => answer?.kind === "tokens");
  const isPrinted =
    unknownKey !== undefined && new Set(accepted.map(([, answer]) => keyOf(answer))).size === EFFORT_WORDS.length;
  const known = accepted.filter(([word, answer]) =>
    isPrinted ? ["low", "medium", "high"].includes(word) : keyOf(answer) !== unknownKey || keyOf(answer) === undefined,
  );
  const offWord = known.find(
    ([word, answer]) => NO_EFFORT_WORDS.includes(word) && keyOf(answer) !== keyOf(rendered.get("high")),
  );
  if (offWord !== undefined && control.off === undefined) {
    control.off = { chat_template_kwargs: { [effortKey]: offWord[0] } };
    control.default = keyOf(offWord[1]) === base.key ? "off" : "on";
  }
  const efforts = known.filter(([word]) => !NO_EFFORT_WORDS.includes(word));
  if (efforts.length > 0) control.efforts = Object.fromEntries(efforts.map(([word]) => [word, request(word)]));
  if (control.on === undefined && control.off !== undefined && efforts.length > 0) {
    control.on = request(efforts.some(([word]) => word === "high") ? "high" : (efforts.at(-1)?.[0] ?? "high"));
  }
  if (control.default === "unknown" && control.off === undefined) control.default = "on";
}

function changes(rendered: Rendered, baseKey: string): boolean {
  return rendered.kind === "refused" || (rendered.kind === "tokens" && rendered.key !== baseKey);
}

function keyOf(rendered: Rendered | undefined): string | undefined {
  return rendered?.kind === "tokens" ? rendered.key : undefined;
}

function describeDefault(control: ThinkingControl, thought: ThoughtState): string {
  const end = {
    opened: "the prompt ends inside a thought",
    closed: "the prompt ends after an empty thought",
    none: "the prompt ends without a thought",
  };
  return `${end[thought.state]}, so thinking is ${control.default === "unknown" ? "up to the model" : control.default} by default on this server`;
}
