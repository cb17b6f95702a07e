import { nearest } from "@vllm/schema";
import type { ModelProfile } from "@vllm/schema";
import { chooseModel } from "../connect/choose-model.ts";
import type { Agent } from "../conversation/agent.ts";
import type { RunEvent } from "../run/run-event.ts";
import { toErrorEvent } from "../run/to-error-event.ts";
import type { CommandLine, CommandName } from "./commands.ts";
import { COMMANDS, describeCommands, isCommandName } from "./commands.ts";

/** What was typed here is no option of the command line. */
function inTheirTerms(event: RunEvent & { type: "error" }): RunEvent {
  return { ...event, hint: event.hint.replaceAll("--model", "/model") };
}

/** What the conversation has shown of a model, where the server does not say it. */
function withSeen(profile: ModelProfile, used: ModelProfile): ModelProfile {
  if (profile.id !== used.id) return profile;
  const { toolCalling, reasoning } = profile;
  return {
    ...profile,
    toolCalling: toolCalling.value === "unknown" ? used.toolCalling : toolCalling,
    reasoning: reasoning.value === "unknown" ? used.reasoning : reasoning,
  };
}

export type CommandRunner = (command: CommandLine) => Promise<void>;

export interface CommandRunnerOptions {
  agent: Agent;
  providerId: string;
  /** The models as they are at this moment. */
  listModels(): Promise<readonly ModelProfile[]>;
  emit(event: RunEvent): void;
}

/** Runs the commands of a conversation, all but `/quit`. A failure is told, never thrown. */
export function createCommandRunner({ agent, providerId, listModels, emit }: CommandRunnerOptions): CommandRunner {
  const reply = (text: string): void => emit({ type: "reply", text });

  const run: Record<Exclude<CommandName, "/quit">, (argument: string | undefined) => Promise<void> | void> = {
    "/help": () => reply(describeCommands()),
    "/model": async (wanted) => {
      if (wanted === undefined)
        return reply(`The model is ${agent.model.id}. /models lists all, /model <id> changes it.`);
      const { profile } = chooseModel(await listModels(), { providerId, wanted });
      agent.use(profile);
      reply(`The model is now ${profile.id}; the conversation goes on.`);
    },
    "/models": async () => {
      const models = (await listModels()).map((profile) => withSeen(profile, agent.model));
      emit({ type: "models", current: agent.model.id, models });
    },
    "/usage": () => {
      const { usage, turnCount: turns, contextWindow } = agent;
      emit({ type: "usage", usage, turns, contextWindow });
    },
    "/reset": () => {
      agent.reset();
      reply("The conversation is forgotten.");
    },
  };

  return async ({ name, argument }) => {
    if (!isCommandName(name) || name === "/quit") {
      const meant = nearest(name, Object.keys(COMMANDS));
      return reply(`Unknown command ${name}.${meant === undefined ? "" : ` Did you mean ${meant}?`} /help lists them.`);
    }
    try {
      await run[name](argument);
    } catch (error) {
      emit(inTheirTerms(toErrorEvent(error)));
    }
  };
}
