import type { Rendering, TemplateMessage } from "./create-renderer.ts";

/** The words planted in the messages; a word that is found in the prompt was rendered. */
export type Nonces = Readonly<Record<NonceName, string>>;

const NONCE_NAMES = [
  "user",
  "laterUser",
  "assistant",
  "system",
  "secondSystem",
  "laterSystem",
  "developer",
  "toolName",
  "toolDescription",
  "argument",
  "callId",
  "secondCallId",
  "thirdCallId",
  "toolResult",
  "pastThought",
  "pastAnswerThought",
  "currentThought",
] as const;
export type NonceName = (typeof NONCE_NAMES)[number];

export function createNonces(createNonce: () => string): Nonces {
  return Object.fromEntries(NONCE_NAMES.map((name) => [name, createNonce()])) as Record<NonceName, string>;
}

const user = (content: string): TemplateMessage => ({ role: "user", content });
const assistant = (content: string): TemplateMessage => ({ role: "assistant", content });
const system = (content: string): TemplateMessage => ({ role: "system", content });

export function baseRendering(nonces: Nonces, kwargs?: Readonly<Record<string, unknown>>): Rendering {
  return { messages: [user(nonces.user)], kwargs };
}

/** Every rule about roles in one prompt; a template that refuses it or drops a word is asked again, rule by rule. */
export function rolesRendering(nonces: Nonces): Rendering {
  return {
    messages: [
      system(nonces.system),
      system(nonces.secondSystem),
      user(nonces.user),
      user(nonces.laterUser),
      assistant(nonces.assistant),
      user("Go on."),
      system(nonces.laterSystem),
      user("And then?"),
    ],
  };
}

export function firstSystemRendering(nonces: Nonces): Rendering {
  return { messages: [system(nonces.system), user(nonces.user)] };
}

export function secondSystemRendering(nonces: Nonces): Rendering {
  return { messages: [system(nonces.system), system(nonces.secondSystem), user(nonces.user)] };
}

export function laterSystemRendering(nonces: Nonces): Rendering {
  return {
    messages: [
      system(nonces.system),
      user(nonces.user),
      assistant(nonces.assistant),
      system(nonces.laterSystem),
      user(nonces.laterUser),
    ],
  };
}

export function consecutiveUserRendering(nonces: Nonces): Rendering {
  return { messages: [user(nonces.user), user(nonces.laterUser)] };
}

export function developerRendering(nonces: Nonces): Rendering {
  return { messages: [{ role: "developer", content: nonces.developer }, user(nonces.user)] };
}

export interface ToolHistoryShape {
  /** Two calls in one assistant turn. */
  parallel: boolean;
  /** With thoughts, as a client sends them back. */
  thoughts: boolean;
}

/** A conversation with tools as an agent has it: a finished turn, then one that waits for the model after a tool's result. */
export function toolHistoryRendering(
  nonces: Nonces,
  shape: ToolHistoryShape,
  kwargs?: Readonly<Record<string, unknown>>,
): Rendering {
  const call = (id: string, argument: string) => ({
    id,
    type: "function",
    function: { name: nonces.toolName, arguments: JSON.stringify({ city: argument }) },
  });
  // vLLM up to 0.12 reads `reasoning_content`, later versions read `reasoning`.
  const thought = (text: string) => (shape.thoughts ? { reasoning: text, reasoning_content: text } : {});
  const result = (id: string): TemplateMessage => ({
    role: "tool",
    tool_call_id: id,
    name: nonces.toolName,
    content: nonces.toolResult,
  });
  const current = [call(nonces.secondCallId, "Oslo"), ...(shape.parallel ? [call(nonces.thirdCallId, "Rome")] : [])];
  return {
    tools: [
      {
        type: "function",
        function: {
          name: nonces.toolName,
          description: nonces.toolDescription,
          parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
        },
      },
    ],
    messages: [
      user(nonces.user),
      {
        role: "assistant",
        content: "",
        ...thought(nonces.pastThought),
        tool_calls: [call(nonces.callId, nonces.argument)],
      },
      result(nonces.callId),
      { role: "assistant", content: nonces.assistant, ...thought(nonces.pastAnswerThought) },
      user(nonces.laterUser),
      { role: "assistant", content: "", ...thought(nonces.currentThought), tool_calls: current },
      result(nonces.secondCallId),
      ...(shape.parallel ? [result(nonces.thirdCallId)] : []),
    ],
    kwargs,
  };
}
