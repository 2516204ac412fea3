import {outcomeOf, type TestCase} from './tests.js'

/** What test programs print, where they leave no file that says it: ctest, meson, prove, and plain TAP. */
export function parseTestOutput(output: string): TestCase[] {
  const lines = output.split('\n').map(line => line.replace(/\r$/, ''))
  const found = [...lines.flatMap(parseCtest), ...lines.flatMap(parseMeson)]
  const prove = parseProve(lines)
  return [...found, ...(prove.length > 0 ? prove : parseTap(lines))]
}

/** `1/2 Test #1: name ....   Passed    0.02 sec`, `2/2 Test #2: name ....***Exception: SegFault  0.10 sec` */
function parseCtest(line: string): TestCase[] {
  const match = /^\s*\d+\/\d+ Test +#\d+: (.+?) \.+ *(\*\*\*)?([A-Z][\w ]*?)(?:: ?\w+| \(\w+\))? +(\d+\.\d+) sec/.exec(line)
  if (!match) return []
  const [, name = '', bad, word = '', seconds = ''] = match
  const result = outcomeOf(word.trim()) ?? (bad ? 'failed' : undefined)
  return result ? [{suite: '', name, result, seconds: Number(seconds)}] : []
}

/** `1/2 suite:name   OK   0.02s`, with a reason behind where it failed. */
function parseMeson(line: string): TestCase[] {
  const match = /^\s*\d+\/\d+ (.+?) +(OK|FAIL|SKIP|EXPECTEDFAIL|UNEXPECTEDPASS|TIMEOUT|ERROR|INTERRUPT) +(\d+\.\d+)s *(.*)$/.exec(line)
  if (!match) return []
  const [, name = '', word = '', seconds = '', detail = ''] = match
  const result = outcomeOf(word)
  return result ? [{suite: '', name, result, seconds: Number(seconds), ...(detail === '' ? {} : {detail})}] : []
}

/** Files that pass in lines of their own, those that fail in the "Test Summary Report". */
function parseProve(lines: readonly string[]): TestCase[] {
  const tests = new Map<string, TestCase>()
  for (const line of lines) {
    const [, name = '', word = '', detail = ''] = /^(\S+\.t) \.+ (ok|skipped)\b:? *(.*)$/.exec(line) ?? []
    if (name !== '') tests.set(name, {suite: '', name, result: word === 'ok' ? 'passed' : 'skipped', ...(word === 'ok' ? {} : {detail})})
    const report = /^(\S+) +\((Wstat: (\d+).*Tests: \d+ Failed: (\d+))\)/.exec(line)
    if (!report) continue
    const [, file = '', summary = '', status, failed] = report
    if (status !== '0' || failed !== '0') tests.set(file, {suite: '', name: file, result: 'failed', detail: summary})
  }
  return [...tests.values()]
}

/** https://testanything.org/tap-version-14-specification.html. Without a plan (`1..3`), lines with "ok" are anything. */
function parseTap(lines: readonly string[]): TestCase[] {
  if (!lines.some(line => /^1\.\.\d+/.test(line))) return []
  return lines.flatMap((line): TestCase[] => {
    const match = /^(not )?ok\b(?: (\d+))?(?: -)? ?(.*?)(?: *# *(SKIP|TODO)\b.*)?$/i.exec(line)
    if (!match) return []
    const [, not, number = '', description = '', directive] = match
    const name = description === '' ? number : description
    switch (directive?.toUpperCase()) {
      case 'SKIP':
        return [{suite: '', name, result: 'skipped'}]
      case 'TODO':
        return [{suite: '', name, result: not ? 'expected-failure' : 'passed'}]
      default:
        return [{suite: '', name, result: not ? 'failed' : 'passed'}]
    }
  })
}
