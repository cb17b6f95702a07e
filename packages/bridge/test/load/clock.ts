/** µs of a clock that all processes of the machine share. */
export function clock(): number {
  return Number(process.hrtime.bigint() / 1000n);
}
