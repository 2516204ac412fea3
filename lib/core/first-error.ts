/** What says of itself that something failed, the more telling first: make's own word comes after what it is about. */
const ERRORS: readonly RegExp[] = [
  /uncaught target signal|Unsupported (syscall|ioctl|ancillary)|qemu: (fatal|unknown)/,
  /:\d+: (fatal )?error:|^error(\[\w+\])?: |undefined reference to|cannot find -l|internal compiler error/i,
  // meson, ctest, go, Cabal and TAP, of which what is still to be done is none
  /^ *\d+\/\d+ .* (FAIL|TIMEOUT|ERROR|UNEXPECTEDPASS) +\d+(\.\d+)?s\b|\*\*\*(Failed|Timeout|Exception)|^\s*--- FAIL: |^Test suite .*: FAIL$/,
  /^(FAIL|ERROR|FAILED)\b[: ]|^not ok\b(?!.*# *(TODO|SKIP))|\bFAILED\b|Segmentation fault|Bus error|Illegal instruction|Aborted \(core dumped\)|Assertion .* failed/,
  /^(E: |configure: error|CMake Error|Traceback |Error in )|^(?!dpkg-buildpackage: |dh_\w+: ).*\berror: /,
  /^make(\[\d+\])?: \*\*\* (?!\[debian\/rules)/,
  /^(dh_\w+|dpkg-(?!buildpackage)\w+): error: |^(\/\S+\/)?(ba|da)?sh: .*(not found|cannot open|cannot create|Permission denied)/,
  /^make(\[\d+\])?: \*\*\* |^dpkg-buildpackage: error: /,
]

/** Lines before and after the first error that are shown. */
const AROUND = 15

export interface FirstError {
  /** From 1 on. */
  line: number
  text: string
  /** The lines around it; the first has this number. */
  from: number
  lines: readonly string[]
}

/** The first line that says what went wrong; where none does, the last. */
export const findFirstError = (lines: readonly string[]): FirstError | undefined =>
  findError(lines) ?? (lines.length === 0 ? undefined : errorAt(lines, lines.length - 1))

/** The first line that says what went wrong; undefined where none does. */
export function findError(lines: readonly string[]): FirstError | undefined {
  for (const pattern of ERRORS) {
    const at = lines.findIndex(line => pattern.test(line))
    if (at !== -1) return errorAt(lines, at)
  }
  return undefined
}

function errorAt(lines: readonly string[], at: number): FirstError {
  const from = Math.max(0, at - AROUND)
  return {line: at + 1, text: lines[at] ?? '', from: from + 1, lines: lines.slice(from, at + AROUND + 1)}
}
