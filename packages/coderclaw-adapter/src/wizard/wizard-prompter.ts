/** The part of the agent's `WizardPrompter` that is used here (`wizard/prompts.ts`). */
export interface WizardPrompter {
  note(message: string, title?: string): Promise<void>;
  select<Value>(parameters: {
    message: string;
    options: { value: Value; label: string; hint?: string }[];
    initialValue?: Value;
  }): Promise<Value>;
  text(parameters: {
    message: string;
    initialValue?: string;
    placeholder?: string;
    /** OpenClaw hides what is typed; CoderClaw does not know this key. */
    sensitive?: boolean;
    validate?: (value: string) => string | undefined;
  }): Promise<string>;
  progress?(label: string): { update(message: string): void; stop(message?: string): void };
}
