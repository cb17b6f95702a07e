import { writeFile } from "node:fs/promises";
import type { RealAgent } from "./real-agents.ts";

/** What the scripted model does when a prompt holds these words. */
export const PROMPTS = {
  tool: "please-write-the-file",
  truncated: "please-write-half-of-it",
  long: "please-print-a-lot",
} as const;

const thought = (text: string): string => `<think>\n${text}\n</think>\n\n`;

/** Replies for the lab's scripted model, by agent: `LAB_SCRIPT` of `agent_script.py`. */
export async function writeReplies(path: string, agents: readonly RealAgent[]): Promise<void> {
  const rules = agents.flatMap((agent) => {
    const ran = write(agent, "echo done > ran.txt");
    const printed = write(agent, "seq -s ' ' 1 9000");
    return [
      ...turn(`${PROMPTS.tool} ${agent.id}`, `I will write it. ${ran}`, "I wrote ran.txt."),
      // Half of the file's name.
      ...turn(
        `${PROMPTS.truncated} ${agent.id}`,
        `Sure. ${ran.slice(0, ran.indexOf("ran.txt") + 3)}`,
        "It was not whole.",
      ),
      ...turn(`${PROMPTS.long} ${agent.id}`, `I will print it. ${printed}`, "It was long."),
    ];
  });
  rules.push({ when: ".", say: `${thought("The user greets me.")}Hello there!` });
  await writeFile(path, JSON.stringify(rules));
}

function write(agent: RealAgent, command: string): string {
  return `<tool_call>\n${JSON.stringify(agent.call(command))}\n</tool_call>`;
}

/** Before and after a tool has answered. */
function turn(when: string, first: string, then: string): { when: string; say: string }[] {
  return [
    { when: `${when}.*<tool_response>`, say: thought("The tool has answered.") + then },
    { when, say: thought("I call a tool.") + first },
  ];
}
