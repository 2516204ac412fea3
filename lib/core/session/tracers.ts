/** What there is instead of programs that trace others, as lines: what runs under the emulator lets nobody trace it. */
const INSTEAD: Readonly<Record<string, (run: string) => string>> = {
  strace: run => `the emulator's own account of system calls, on standard error: ${run} --env QEMU_STRACE=1 -- ./prog`,
  ltrace: run => `calls of a library's functions: ${run} -- gdb -ex 'break FUNCTION' -ex run --args ./prog`,
  perf: run => `which programs take how long: ${run} --trace FILE -- make, and xbuild-env trace FILE`,
}

/**
 * What to say when a program that traces others has failed, as lines; undefined for another. `path`: as it was called; what is
 * emulated there can be debugged all the same: docs/debugging.md.
 */
export function adviseTracer(path: string, environment: string): readonly string[] | undefined {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const instead = Object.hasOwn(INSTEAD, name) ? INSTEAD[name]?.(`xbuild-env run ${environment}`) : undefined
  return instead === undefined ? undefined : [`${name} cannot trace what runs under the emulator`, instead]
}
