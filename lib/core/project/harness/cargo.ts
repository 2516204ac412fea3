import type {TestCase, TestOutcome} from '../tests.js'
import {detailOf, withTotals} from './totals.js'

/** `test tests::it_works ... ok`; https://doc.rust-lang.org/rustc/tests/index.html */
const TEST = /^test (\S.*) \.\.\. (ok|FAILED|ignored)(?:, .*)?$/
const WORDS: Readonly<Record<string, TestOutcome>> = {ok: 'passed', FAILED: 'failed', ignored: 'skipped'}

/** With -q. */
const QUIETLY_FAILED = /^(\S.*) --- FAILED$/

/** `test result: FAILED. 3 passed; 1 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s` */
const RESULT = /^test result: \w+\. (\d+) passed; (\d+) failed; (\d+) ignored;/

/** cargo's own, of what it runs next: `     Running unittests src/lib.rs (target/debug/deps/x-1f)`, `   Doc-tests x` */
const RUNNING = /^ +Running (?:unittests )?(\S+)(?: \(.*\))?$/
const DOC_TESTS = /^ +Doc-tests (\S+)$/

const DETAIL_HEAD = /^---- (\S.*) stdout ----$/

/** What `cargo test`, or a test program of Rust's own, prints. */
export function parseCargo(lines: readonly string[]): TestCase[] {
  const tests: TestCase[] = []
  let [suite, named, detail] = ['', [] as TestCase[], undefined as string[] | undefined]
  const details = new Map<string, string[]>()
  for (const line of lines) {
    const result = RESULT.exec(line)
    if (result) {
      const [, passed, failed, skipped] = result.map(Number)
      const whole = named.map(test => (test.result === 'failed' ? {...test, ...detailOf(details.get(test.name) ?? [])} : test))
      tests.push(...withTotals(whole, {passed, failed, skipped} as Record<string, number>, {kind: 'cargo'}, suite))
      ;[named, detail] = [[], undefined]
      details.clear()
      continue
    }
    suite = RUNNING.exec(line)?.[1] ?? docTests(line) ?? suite
    const head = DETAIL_HEAD.exec(line)?.[1]
    if (head !== undefined) {
      detail = []
      details.set(head, detail)
    } else if (line === 'failures:') detail = undefined
    else detail?.push(line)
    const test = testIn(line)
    if (test) named.push({suite, ...test, origin: {kind: 'cargo'}})
  }
  return tests
}

function testIn(line: string): {name: string; result: TestOutcome} | undefined {
  const [, name = QUIETLY_FAILED.exec(line)?.[1], word = 'FAILED'] = TEST.exec(line) ?? []
  const result = WORDS[word]
  return name === undefined || result === undefined ? undefined : {name: name.replace(/ - should panic$/, ''), result}
}

function docTests(line: string): string | undefined {
  const crate = DOC_TESTS.exec(line)?.[1]
  return crate === undefined ? undefined : `doc-tests ${crate}`
}
