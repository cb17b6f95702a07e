import type { LearnedFacts, ModelProfile } from "@vllm/client";
import type { VllmProviderSettings } from "./settings.ts";

type Profile = Partial<ModelProfile> | undefined;

/** What is known about each model: what was given, asked for once, and what its answers have shown since. */
export class ModelProfiles {
  private readonly given: VllmProviderSettings["profile"];
  private readonly found = new Map<string | undefined, Promise<Profile>>();
  private readonly learned = new Map<string | undefined, LearnedFacts>();

  constructor(given: VllmProviderSettings["profile"]) {
    this.given = given;
  }

  async find(model: string | undefined): Promise<Profile> {
    const known = await this.ask(model);
    const learned = this.learned.get(model);
    return learned === undefined ? known : { ...known, ...learned };
  }

  learn(model: string | undefined, facts: LearnedFacts): void {
    this.learned.set(model, { ...this.learned.get(model), ...facts });
  }

  /** A function that fails is asked again with the next request. */
  private ask(model: string | undefined): Promise<Profile> {
    const { given } = this;
    if (typeof given !== "function") return Promise.resolve(given);
    let profile = this.found.get(model);
    if (profile === undefined) {
      profile = Promise.resolve().then(() => given(model));
      this.found.set(model, profile);
      profile.catch(() => this.found.delete(model));
    }
    return profile;
  }
}
