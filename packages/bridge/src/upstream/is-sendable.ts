const ASCII = /^[\t\u0020-\u007e]*$/;

/** True for a header's value that the client can send. One that is not helps nobody so much that its chat should fail. */
export function isSendable(value: string): boolean {
  return ASCII.test(value);
}
