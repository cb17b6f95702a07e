import { ask } from "../run/ask.ts";
import { EXIT } from "../run/exit-code.ts";
import { runAgent } from "../run/run-agent.ts";
import type { CommandRun } from "./command-run.ts";
import { describeStdin, joinQuestion, readPipedText } from "./read-piped-text.ts";

/** `agent "question"`: one answer, about the text that is piped in if there is one. @returns the exit code */
export async function answerOnce(
  question: string,
  { connectOptions, interrupts, screen: { emit } }: CommandRun,
): Promise<number> {
  const { signal } = interrupts;
  const text = await readPipedText(describeStdin(process.stdin), signal);
  return runAgent(connectOptions, emit, async (agent) => {
    const outcome = await ask(agent, joinQuestion(question, text), signal, emit);
    return outcome === "complete" ? EXIT.fine : EXIT.failed;
  });
}
