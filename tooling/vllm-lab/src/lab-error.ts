/** A failure of the lab that has a known cause: what happened, and in `hint` what to do about it. */
export class LabError extends Error {
  override readonly name = "LabError";
  /** What to type or install next. Empty where there is nothing to advise. */
  readonly hint: string;

  constructor(message: string, hint = "", options?: ErrorOptions) {
    super(message, options);
    this.hint = hint;
  }
}
