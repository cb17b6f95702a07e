import type { LearnedFacts, ModelProfile, ProfileSource } from "@vllm/client";

type Profile = Partial<ModelProfile> | undefined;

/** What is known about each model: what was given, asked for once, and what its answers have shown since. */
export class ModelProfiles {
  private readonly given: ProfileSource | undefined;
  private readonly found = new Map<string, Promise<Profile>>();
  private readonly learned = new Map<string, LearnedFacts>();

  constructor(given: ProfileSource | undefined) {
    this.given = given;
  }

  async find(model: string): Promise<Profile> {
    const known = await this.ask(model);
    const learned = this.learned.get(model);
    return learned === undefined ? known : { ...known, ...learned };
  }

  learn(model: string, facts: LearnedFacts): void {
    this.learned.set(model, { ...this.learned.get(model), ...facts });
  }

  /** A function that fails, or finds nothing, is asked again with the next request. */
  private ask(model: string): Promise<Profile> {
    const { given } = this;
    if (typeof given !== "function") return Promise.resolve(given);
    let profile = this.found.get(model);
    if (profile === undefined) {
      profile = Promise.resolve(model).then(given);
      this.found.set(model, profile);
      const forget = () => this.found.delete(model);
      profile.then((known) => known ?? forget(), forget);
    }
    return profile;
  }
}
