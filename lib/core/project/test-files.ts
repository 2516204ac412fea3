import {outcomeOf, type TestCase} from './tests.js'

/** Files in which a test program leaves its results, as fast-glob finds them. */
export const RESULT_FILES = ['**/*.trs', '**/*.sum']

/** The results in a file of this path. */
export function parseResultFile(path: string, text: string): TestCase[] {
  return path.endsWith('.trs') ? parseTrs(path, text) : parseSum(path, text)
}

/** automake's: `:test-result: PASS`, or for each part of a test `:test-result: FAIL 2 - its name`. */
function parseTrs(path: string, text: string): TestCase[] {
  const suite = path.slice(0, -'.trs'.length)
  const origin = {kind: 'automake', file: path} as const
  return [...text.matchAll(/^:test-result:\s*(\w+) ?(.*)$/gm)].flatMap(([, word = '', name = '']): TestCase[] => {
    const result = outcomeOf(word)
    return result ? [{suite: name === '' ? '' : suite, name: name === '' ? suite : name, result, origin}] : []
  })
}

/** DejaGnu's: `PASS: name`, below `Running ./tool.suite/file.exp ...`. */
function parseSum(path: string, text: string): TestCase[] {
  const origin = {kind: 'dejagnu', file: path} as const
  let suite = ''
  return text.split('\n').flatMap((line): TestCase[] => {
    const running = /^Running (\S+\.exp) \.\.\./.exec(line)
    if (running) suite = running[1] ?? ''
    const [, word = '', name = ''] = /^([A-Z]+): (.*)$/.exec(line) ?? []
    const result = outcomeOf(word)
    return result ? [{suite, name, result, origin}] : []
  })
}
