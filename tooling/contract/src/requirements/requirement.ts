/** One thing that a package promises, with the reason to believe that it matters. */
export interface Requirement {
  /** What holds, as a sentence about the package. */
  readonly behaviour: string;
  /** Where it comes from: a fact seen on real vLLM, a comparison with other clients, a rule of a coding agent, an issue. */
  readonly source: string;
  /** Recordings that show it. */
  readonly recordings?: readonly string[] | undefined;
  /** Why none of our tests can verify it. */
  readonly unverified?: string | undefined;
}
