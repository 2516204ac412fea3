import {posix} from 'node:path'
import {escapeHtml} from '../html.js'
import {shortened} from '../printable.js'
import {OUTCOMES, outcomeOf, type StepResult, type TargetResult} from '../project/build-result.js'
import {countTests, testName} from '../project/tests.js'
import type {Failure} from './failures.js'

/** As many errors as GitHub shows of one step: docs.github.com, "Workflow commands", limits of annotations. */
const MOST_ANNOTATIONS = 10
/** Characters of a message. GitHub cuts at 64 KiB. */
const MESSAGE = 4000

/** docs.github.com, "Workflow commands for GitHub Actions"; actions/toolkit, packages/core/src/command.ts has what is escaped. */
const data = (text: string) => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
const property = (text: string) => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C')

/** Lines that GitHub shows beside the sources. `directory`: of the project, in the workspace. */
export function githubAnnotations(failures: readonly Failure[], directory: string): string[] {
  return failures.slice(0, MOST_ANNOTATIONS).map(({title, message, place}) => {
    const at = place ? [`file=${property(posix.join(directory, place.path))}`, `line=${place.line}`] : []
    return `::error ${[...at, `title=${property(title)}`].join(',')}::${data(shortened(message, MESSAGE))}`
  })
}

/** Text in a line of Markdown: nothing in it is markup. */
const inline = (text: string) =>
  escapeHtml(text.replace(/\s+/g, ' ')).replace(/[\\`*_~|[\]#!]/g, character => `&#${character.charCodeAt(0)};`)

/** Lines as they are: the fence is longer than any in them. */
function fenced(lines: readonly string[]): string {
  const longest = lines.reduce((most, line) => Math.max(most, ...[...line.matchAll(/`+/g)].map(([ticks]) => ticks.length)), 2)
  const fence = '`'.repeat(longest + 1)
  return `${fence}text\n${lines.join('\n')}\n${fence}`
}

/** Bytes of a step's summary that GitHub takes: docs.github.com, "Adding a job summary". */
const MOST_BYTES = 2 ** 20
/** Tests of a step that are named. */
const MOST_TESTS = 50

/** What $GITHUB_STEP_SUMMARY gets: targets and steps, and of what failed the first error and the last lines. */
export function githubSummary(results: readonly TargetResult[], version: string): string {
  const built = results.filter(target => outcomeOf(target) === 'built').length
  const head = [
    `### xbuild-env: ${built} of ${results.length} ${results.length === 1 ? 'target' : 'targets'} built`,
    '',
    '| target | result | steps | artifacts | time |',
    '| --- | --- | --- | ---: | ---: |',
    ...results.map(tableRow),
    '',
    `xbuild-env ${inline(version)}`,
    '',
  ].join('\n')
  let text = head
  for (const part of results.flatMap(failedParts)) {
    if (Buffer.byteLength(text) + Buffer.byteLength(part) > MOST_BYTES - 200) return `${text}\nMore failed than GitHub has room for here.\n`
    text += part
  }
  return text
}

function tableRow(target: TargetResult): string {
  const outcome = outcomeOf(target)
  const sign = {built: '✅', failed: '❌', stopped: '⏹️', 'left-out': '➖'}[outcome]
  const steps = target.steps.map(step => inline(`${step.step} ${describeShort(step)}`)).join(', ')
  return `| ${inline(target.target)} | ${sign} ${OUTCOMES[outcome]} | ${steps} | ${target.artifacts.length} | ${target.seconds.toFixed(1)} s |`
}

function describeShort({result, seconds, tests}: StepResult): string {
  if (result === 'left-out') return 'left out'
  if (result === 'unchanged') return 'unchanged'
  const {passed = 0, failed = 0, flaky = 0} = tests ? countTests(tests) : {}
  const counted = tests ? `, ${passed + flaky} of ${passed + flaky + failed} tests` : ''
  const word = {passed: '', failed: 'failed, ', allowed: 'may fail, ', stopped: 'stopped, '}[result]
  return `${word}${seconds.toFixed(1)} s${counted}`
}

function failedParts({target, steps, error}: TargetResult): string[] {
  const own = error ? [`\n**${inline(target)}**: ${inline(error.message)}\n`] : []
  return [...own, ...steps.filter(({result}) => result === 'failed' || result === 'allowed').map(step => failedPart(target, step))]
}

function failedPart(target: string, step: StepResult): string {
  const {why = '', output} = 'why' in step && step.result !== 'stopped' ? step : {}
  const failed = (step.tests ?? []).filter(({result}) => result === 'failed')
  const named = failed
    .slice(0, MOST_TESTS)
    .map(test => `- ${inline(testName(test))}${test.native ? ` (on the host: ${test.native.result})` : ''}`)
  const more = failed.length > MOST_TESTS ? [`- and ${failed.length - MOST_TESTS} more`] : []
  const first = output?.error ? ['', `The first error, in line ${output.error.line}:`, '', fenced([output.error.text]), ''] : []
  const end =
    output && output.end.length > 0
      ? [`<details><summary>the last ${output.end.length} of ${output.lines} lines</summary>`, '', fenced(output.end), '', '</details>', '']
      : []
  return ['', `**${inline(target)}: ${inline(step.step)}** ${inline(why)}`, '', ...named, ...more, ...first, ...end].join('\n')
}
