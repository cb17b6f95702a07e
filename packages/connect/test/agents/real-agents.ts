/** What the run needs to know about each agent: how it is installed and asked, and which tool of its own runs a command. */
export interface RealAgent {
  id: string;
  /** Exact versions; what the run measures is about these. */
  packages: Readonly<Record<string, string>>;
  /** Words for one prompt without a terminal, every tool allowed. */
  ask(prompt: string): string[];
  env?: Readonly<Record<string, string>>;
  /** Where it works below the home, whatever folder it is started in. */
  workspace?: string;
  /** A call of its shell tool. */
  call(command: string): { name: string; arguments: Record<string, unknown> };
}

export const REAL_AGENTS: readonly RealAgent[] = [
  {
    id: "claude",
    packages: { "@anthropic-ai/claude-code": "2.1.332" },
    ask: (prompt) => ["-p", prompt, "--dangerously-skip-permissions"],
    // It refuses to skip permissions as root, as which containers run.
    env: { IS_SANDBOX: "1" },
    call: (command) => ({ name: "Bash", arguments: { command, description: "a command" } }),
  },
  {
    id: "codex",
    packages: { "@openai/codex": "0.171.0" },
    ask: (prompt) => ["exec", "--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox", prompt],
    call: (cmd) => ({ name: "exec_command", arguments: { cmd } }),
  },
  {
    id: "opencode",
    packages: { "opencode-ai": "1.18.33" },
    ask: (prompt) => ["run", prompt],
    call: (command) => ({ name: "bash", arguments: { command, description: "a command" } }),
  },
  {
    id: "qwen",
    packages: { "@qwen-code/qwen-code": "0.24.4" },
    ask: (prompt) => ["--yolo", prompt],
    call: (command) => ({ name: "run_shell_command", arguments: { command, is_background: false } }),
  },
  {
    id: "pi",
    packages: { "@earendil-works/pi-coding-agent": "1.6.0" },
    ask: (prompt) => ["-p", prompt],
    call: (command) => ({ name: "bash", arguments: { command } }),
  },
  {
    id: "cline",
    packages: { cline: "3.0.65" },
    ask: (prompt) => [prompt],
    call: (command) => ({ name: "run_commands", arguments: { commands: [command] } }),
  },
  {
    id: "continue",
    packages: { "@continuedev/cli": "1.5.47" },
    ask: (prompt) => ["-p", "--auto", prompt],
    call: (command) => ({ name: "Bash", arguments: { command } }),
  },
  {
    id: "openclaw",
    packages: { openclaw: "2026.9.6" },
    workspace: ".openclaw/workspace",
    ask: (prompt) => ["agent", "--local", "--agent", "main", "-m", prompt],
    call: (command) => ({ name: "exec", arguments: { command } }),
  },
];
