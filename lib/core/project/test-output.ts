import {outcomeOf, type TestCase} from './tests.js'

/**
 * What test programs print, where they leave no file that says it: ctest, meson, prove, and plain TAP. Any program may print
 * it: no pattern tries the same characters twice, so that blanks are matched from the first of them on (`(?<! ) +`) alone.
 */
export function parseTestOutput(output: string): TestCase[] {
  const lines = output.split('\n').map(line => line.replace(/\r$/, ''))
  const prove = parseProve(lines)
  return [...parseCtest(lines), ...parseMeson(lines), ...(prove.length > 0 ? prove : parseTap(lines))]
}

/**
 * Below `Test project /p/build`: `1/2 Test #1: name ....   Passed    0.02 sec`,
 * `2/2 Test #2: name ....***Exception: SegFault  0.10 sec`
 */
function parseCtest(lines: readonly string[]): TestCase[] {
  let directory: string | undefined
  return lines.flatMap((line): TestCase[] => {
    directory = /^Test project (\/.*)$/.exec(line)?.[1] ?? directory
    const match = /^\s*\d+\/\d+ Test +#\d+: (.+?) \.+ *(\*\*\*)?([A-Z][\w ]*?)(?:: ?\w+| \(\w+\))?(?<! ) +(\d+\.\d+) sec/.exec(line)
    if (!match) return []
    const [, name = '', bad, word = '', seconds = ''] = match
    const result = outcomeOf(word.trim()) ?? (bad ? 'failed' : undefined)
    return result ? [{suite: '', name, result, origin: {kind: 'ctest', directory}, seconds: Number(seconds)}] : []
  })
}

const MESON = /^\s*\d+\/\d+ (.+?)(?<! ) +(OK|FAIL|SKIP|EXPECTEDFAIL|UNEXPECTEDPASS|TIMEOUT|ERROR|INTERRUPT) +(\d+\.\d+)s *(.*)$/s

/**
 * `1/2 suite:name   OK   0.02s`, with a reason behind where it failed, and below all of them
 * `Full log written to /p/build/meson-logs/testlog.txt`.
 */
function parseMeson(lines: readonly string[]): TestCase[] {
  let directory: string | undefined
  const upward = lines.toReversed().flatMap((line): TestCase[] => {
    directory = /^Full log written to (\/.*)\/meson-logs\//.exec(line)?.[1] ?? directory
    const match = MESON.exec(line)
    if (!match) return []
    const [, name = '', word = '', seconds = '', detail = ''] = match
    const result = outcomeOf(word)
    const origin = {kind: 'meson', directory} as const
    return result ? [{suite: '', name, result, origin, seconds: Number(seconds), ...(detail === '' ? {} : {detail})}] : []
  })
  return upward.reverse()
}

/** Files that pass in lines of their own, those that fail in the "Test Summary Report". */
function parseProve(lines: readonly string[]): TestCase[] {
  const tests = new Map<string, TestCase>()
  const origin = {kind: 'prove'} as const
  for (const line of lines) {
    const [, name = '', word = '', detail = ''] = /^(\S+\.t) \.+ (ok|skipped)\b:? *(.*)$/s.exec(line) ?? []
    if (name !== '') tests.set(name, {suite: '', name, origin, ...(word === 'ok' ? {result: 'passed'} : {result: 'skipped', detail})})
    const report = /^(\S+) +\((Wstat: (\d+)\b.*Tests: \d+ Failed: (\d+))\)/.exec(line)
    if (!report) continue
    const [, file = '', summary = '', status, failed] = report
    if (status !== '0' || failed !== '0') tests.set(file, {suite: '', name: file, result: 'failed', origin, detail: summary})
  }
  return [...tests.values()]
}

/** https://testanything.org/tap-version-14-specification.html. Without a plan (`1..3`), lines with "ok" are anything. */
function parseTap(lines: readonly string[]): TestCase[] {
  if (!lines.some(line => /^1\.\.\d+/.test(line))) return []
  return lines.flatMap((line): TestCase[] => {
    const match = /^(not )?ok\b(?: (\d+))?(?: -)? ?(.*)$/is.exec(line)
    if (!match) return []
    const [, not, number = '', rest = ''] = match
    const [directed, directive] = /# *(SKIP|TODO)\b/i.exec(rest) ?? []
    const description = directed === undefined ? rest : rest.slice(0, rest.indexOf(directed)).trimEnd()
    const test = {suite: '', name: description === '' ? number : description, origin: {kind: 'tap'}} as const
    switch (directive?.toUpperCase()) {
      case 'SKIP':
        return [{...test, result: 'skipped'}]
      case 'TODO':
        return [{...test, result: not ? 'expected-failure' : 'passed'}]
      default:
        return [{...test, result: not ? 'failed' : 'passed'}]
    }
  })
}
