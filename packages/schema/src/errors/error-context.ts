/** What is known about the request when an error is made of its answer. */
export interface ErrorContext {
  /** The address that was asked. */
  url: string;
  requestId?: string | undefined;
  /** The model id that was asked for. */
  model?: string | undefined;
  /** Ids known to be served. */
  availableModels?: readonly string[] | undefined;
  /** Whether a key was sent. */
  hasKey?: boolean | undefined;
  /** The address holds a user name and password that were not sent: the key, or a header of the caller's, took their place. */
  hasUnsentLogin?: boolean | undefined;
  /** Texts that must not appear whatever the server says: the key, values of headers. They are shown as `***`. */
  secrets?: readonly string[] | undefined;
}
