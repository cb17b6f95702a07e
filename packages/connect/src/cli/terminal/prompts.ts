import * as clack from "@clack/prompts";
import { VllmError } from "@vllm/schema/core";
import type { Terminal } from "./terminal.ts";

/** Ctrl-C or Escape at a question. */
function cancelled(): VllmError {
  return new VllmError({ code: "ABORTED", message: "Stopped; nothing was written.", hint: "Run the command again." });
}

export async function confirm(terminal: Terminal, message: string): Promise<boolean> {
  return answered(await clack.confirm({ message, initialValue: true, ...streams(terminal) }));
}

export async function askText(
  terminal: Terminal,
  question: {
    message: string;
    /** What Enter alone takes. What is typed or pasted takes its place. */
    suggestion: string;
    validate: (value: string) => string | undefined;
  },
): Promise<string> {
  const { message, suggestion, validate } = question;
  return answered(
    await clack.text({
      message,
      placeholder: suggestion,
      defaultValue: suggestion,
      validate: (value = "") => validate(value === "" ? suggestion : value),
      ...streams(terminal),
    }),
  );
}

export async function askSecret(
  terminal: Terminal,
  question: { message: string; validate: (value: string) => string | undefined },
): Promise<string> {
  const { message, validate } = question;
  return answered(await clack.password({ message, validate: (value) => validate(value ?? ""), ...streams(terminal) }));
}

export async function choose(
  terminal: Terminal,
  question: {
    message: string;
    options: readonly { value: string; label: string; hint?: string }[];
    initialValue: string | undefined;
  },
): Promise<string> {
  const { message, options, initialValue } = question;
  return answered(
    await clack.select({
      message,
      options: options.map((option) => ({ ...option })),
      ...(initialValue === undefined ? {} : { initialValue }),
      ...streams(terminal),
    }),
  );
}

function streams({ stdin, stdout, signal }: Terminal): {
  input: Terminal["stdin"];
  output: Terminal["stdout"];
  signal: AbortSignal;
} {
  return { input: stdin, output: stdout, signal };
}

function answered<Answer>(answer: Answer): Exclude<Answer, symbol> {
  if (clack.isCancel(answer)) throw cancelled();
  return answer as Exclude<Answer, symbol>;
}
