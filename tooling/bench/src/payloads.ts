/** Deterministic streams in the shape vLLM 0.10 to 0.32 sends them: one `data:` event per token, one HTTP chunk per event. */

export interface Payload {
  events: Buffer[];
  expected: { text: string; thinking: string; toolArguments: string };
}

const WORDS = (
  " the of and to in is that for it as was with be by on not he his but at are this have from or had an they which one you were all her" +
  " would their we him been has when who will no more if out so up said what its about than into them can only other time new some could"
)
  .split(" ")
  .slice(1)
  .map((word) => ` ${word}`);
const ODD = [
  "\n",
  "\n\n",
  '"',
  ' "',
  "\\",
  "\t",
  " é",
  "你好",
  "。",
  " 🎉",
  "**",
  ":",
  ".",
  ",",
  " (",
  ")",
  "```",
  " “",
  "” ",
  "</",
];
const TAIL = ',"logprobs":null,"finish_reason":null}]}';

/** The same sequence for the same seed, in every process. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 4294967296;
  };
}

const event = (json: string) => Buffer.from(`data: ${json}\n\n`);
const HEAD =
  '{"id":"chatcmpl-5a1c9e0b7d3f4a68","object":"chat.completion.chunk","created":1763800000,"model":"bench","choices":[';

export const roleEvent = () => event(`${HEAD}{"index":0,"delta":{"role":"assistant","content":""}${TAIL}`);
export const contentEvent = (text: string) =>
  event(`${HEAD}{"index":0,"delta":{"content":${JSON.stringify(text)}}${TAIL}`);
const reasoningEvent = (text: string) =>
  event(`${HEAD}{"index":0,"delta":{"reasoning":${JSON.stringify(text)}}${TAIL}`);
const toolEvent = (delta: string) => event(`${HEAD}{"index":0,"delta":{"tool_calls":[${delta}]}${TAIL}`);

export function endEvents(finishReason: string, tokens: number): Buffer[] {
  return [
    event(`${HEAD}{"index":0,"delta":{},"logprobs":null,"finish_reason":"${finishReason}","stop_reason":null}]}`),
    event(`${HEAD}],"usage":{"prompt_tokens":31,"total_tokens":${31 + tokens},"completion_tokens":${tokens}}}`),
    event("[DONE]"),
  ];
}

/** One event as uvicorn frames it: an HTTP chunk of its own. */
export const httpChunk = (bytes: Buffer) =>
  Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from("\r\n")]);
export const lastHttpChunk = Buffer.from("0\r\n\r\n");

function tokens(count: number, seed: number): string[] {
  const random = randomFrom(seed);
  const pick = (list: readonly string[]) => list[Math.floor(random() * list.length)] as string;
  return Array.from({ length: count }, () => (random() < 0.06 ? pick(ODD) : pick(WORDS)));
}

/** A text answer of `count` tokens. */
export function textPayload(count: number): Payload {
  const pieces = tokens(count, 7);
  return {
    events: [roleEvent(), ...pieces.map(contentEvent), ...endEvents("stop", count)],
    expected: { text: pieces.join(""), thinking: "", toolArguments: "" },
  };
}

/** 200 tokens of thought, then one tool call whose arguments are `bytes` of JSON in `count` deltas. */
export function toolPayload(bytes: number, count: number): Payload {
  const thinking = tokens(200, 5);
  const random = randomFrom(11);
  let content = "";
  while (JSON.stringify({ path: "src/module.ts", content }).length < bytes)
    content += `const value${Math.floor(random() * 9999)} = "x";\n`;
  const full = JSON.stringify({ path: "src/module.ts", content });
  const pieces = Array.from({ length: count }, (_, index) =>
    full.slice(Math.round((index * full.length) / count), Math.round(((index + 1) * full.length) / count)),
  );
  return {
    events: [
      roleEvent(),
      ...thinking.map(reasoningEvent),
      toolEvent(
        '{"id":"chatcmpl-tool-0f1e2d3c4b5a6978","type":"function","index":0,"function":{"name":"write_file","arguments":""}}',
      ),
      ...pieces.map((piece) => toolEvent(`{"index":0,"function":{"arguments":${JSON.stringify(piece)}}}`)),
      ...endEvents("tool_calls", 200 + count),
    ],
    expected: { text: "", thinking: thinking.join(""), toolArguments: full },
  };
}
