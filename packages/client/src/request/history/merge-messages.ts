import type { PlainMessage } from "./to-plain-message.ts";

/** Puts the text of all system messages into one, at the beginning, in order. */
export function mergeSystem(messages: readonly PlainMessage[]): PlainMessage[] {
  const system = messages.filter((message) => message.role === "system");
  const others = messages.filter((message) => message.role !== "system");
  return [...mergeRun(system), ...others];
}

/** Makes one message of the system messages at the beginning; later ones stay where they are. */
export function mergeLeadingSystem(messages: readonly PlainMessage[]): PlainMessage[] {
  const firstOther = messages.findIndex((message) => message.role !== "system");
  const end = firstOther < 0 ? messages.length : firstOther;
  return [...mergeRun(messages.slice(0, end)), ...messages.slice(end)];
}

/** Puts the system messages at the beginning in front of the first user message; later ones stay where they are. */
export function foldLeadingSystem(messages: readonly PlainMessage[]): PlainMessage[] {
  const [system, ...others] = mergeLeadingSystem(messages);
  if (system?.role !== "system") return [...messages];
  const asUser: PlainMessage = { ...system, role: "user" };
  const first = others.findIndex((message) => message.role === "user");
  const user = others[first];
  if (user === undefined) return [asUser, ...others];
  return others.with(first, { ...user, content: mergeRun([asUser, user])[0]?.content });
}

/** Makes one message of user messages in a row. */
export function mergeConsecutiveUsers(messages: readonly PlainMessage[]): PlainMessage[] {
  const runs: PlainMessage[][] = [];
  for (const message of messages) {
    const run = runs.at(-1);
    if (message.role === "user" && run?.[0]?.role === "user") run.push(message);
    else runs.push([message]);
  }
  return runs.flatMap(mergeRun);
}

function mergeRun(messages: readonly PlainMessage[]): PlainMessage[] {
  const [first, ...rest] = messages;
  if (first === undefined || rest.length === 0) return [...messages];
  const contents = messages.map((message) => message.content);
  const texts = contents.filter((content) => typeof content === "string");
  const content = texts.length === contents.length ? texts.join("\n\n") : contents.flatMap(toParts);
  return [{ ...first, content }];
}

function toParts(content: unknown): unknown[] {
  if (Array.isArray(content)) return content;
  return content === undefined || content === null ? [] : [{ type: "text", text: content }];
}
