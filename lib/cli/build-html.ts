import {escapeHtml, factsLine, htmlPage, type PageFacts} from '../core/html.js'
import {type Artifact, OUTCOMES, outcomeOf, type StepResult, type TargetResult} from '../core/project/build-result.js'
import {describeNative} from '../core/project/native-tests.js'
import {type TestCase, testName} from '../core/project/tests.js'
import {readableSize} from '../core/readable-size.js'
import type {Mode} from '../core/session/mode.js'
import {BUILD_PAGE_STYLE} from './build-html-style.js'
import {anchor, matrixSection} from './build-html-tests.js'
import {describeStep} from './build-progress.js'
import {describeTests, testsThat} from './build-report.js'

/** What a step printed. */
export interface LogText {
  target: string
  step: string
  /** Counts the runs that followed the first. */
  run: number
  /** Its file, and how many bytes that has. */
  path: string
  size: number
  /** Its end, as far as it is shown. */
  text: string
}

export interface BuildPage {
  /** The source tree. */
  project: string
  mode: Mode
  facts: PageFacts
  results: readonly TargetResult[]
  logs: readonly LogText[]
}

/** The result of a build in one file that needs no other, and no network. */
export function buildHtml(page: BuildPage): string {
  const {project, mode, facts, results} = page
  const built = results.filter(target => outcomeOf(target) === 'built').length
  const title = `${project.slice(project.lastIndexOf('/') + 1)}: ${built} of ${results.length} targets built`
  const body = `<h1>${escapeHtml(title)}</h1>
${factsLine(facts, mode, project)}
<table class="targets"><tr><th>target</th><th>result</th><th>steps</th><th class="number">time</th></tr>
${results.map(targetRow).join('\n')}
</table>
${matrixSection(results)}
${brokenFirst(results)
  .map(target => targetSection(target, page))
  .join('\n')}`
  return htmlPage({title, style: BUILD_PAGE_STYLE, body, files: 'alone'})
}

/** What the page is looked at for. */
const brokenFirst = (results: readonly TargetResult[]) => [
  ...results.filter(target => outcomeOf(target) !== 'built'),
  ...results.filter(target => outcomeOf(target) === 'built'),
]

function targetRow(target: TargetResult): string {
  const outcome = outcomeOf(target)
  const steps = target.steps.map(step => `<span class="${step.result}">${escapeHtml(step.step)}</span>${escapeHtml(shortOf(step))}`)
  const name = `<a href="#${anchor(target.target)}">${escapeHtml(target.target)}</a>`
  return `<tr><td>${name}</td><td class="${outcome}">${OUTCOMES[outcome]}</td><td>${steps.join(', ')}</td><td class="number">${target.seconds.toFixed(1)} s</td></tr>`
}

/** What follows a step's name in a list. */
function shortOf({result, seconds, tests}: StepResult): string {
  switch (result) {
    case 'left-out':
      return ' left out'
    case 'unchanged':
      return ' unchanged'
    default:
      return ` ${seconds.toFixed(1)} s${tests ? ` (${describeTests(tests)})` : ''}`
  }
}

/** What failed, also for a time, and what came of it; what was built, and all that was printed. */
function targetSection(result: TargetResult, {logs}: BuildPage): string {
  const {target, environment, steps, artifacts, error, stopped} = result
  const told = steps.filter(step => isFailure(step) || testsThat(step, 'flaky').length > 0)
  return `<section id="${anchor(target)}"><h2>${escapeHtml(target)}: <span class="${outcomeOf(result)}">${OUTCOMES[outcomeOf(result)]}</span></h2>
${environment === undefined ? '' : `<p class="faint">environment ${escapeHtml(environment)}</p>`}
${error ? `<p class="failed">${escapeHtml(error.message)}</p>` : ''}
${error?.hint ? `<p>${escapeHtml(error.hint)}</p>` : ''}
${stopped === undefined ? '' : `<p class="stopped">${escapeHtml(`stopped: ${stopped}`)}</p>`}
${told.map(step => describeFailure(target, step)).join('\n')}
${artifactTable(artifacts)}
${logs
  .filter(log => log.target === target)
  .map(describeLog)
  .join('\n')}</section>`
}

const isFailure = ({result}: StepResult) => result === 'failed' || result === 'allowed' || result === 'stopped'

/** Tests of a step that are told of one by one: all are in the matrix. */
const MOST_TESTS = 200

function describeFailure(target: string, step: StepResult): string {
  const tests = [...testsThat(step, 'failed'), ...testsThat(step, 'flaky')]
  const more = tests.length > MOST_TESTS ? `<p>and ${tests.length - MOST_TESTS} more</p>` : ''
  return `<h3><span class="${step.result}">${escapeHtml(step.step)}</span> ${escapeHtml(describeStep(step))}</h3>
${outputOf(step)}
${tests
  .slice(0, MOST_TESTS)
  .map(test => describeTest(target, step.step, test))
  .join('\n')}${more}`
}

/** The first error, and the end of what it printed: open, since this is what the page is looked at for. */
function outputOf(step: StepResult): string {
  const output = 'output' in step ? step.output : undefined
  if (!output || output.end.length === 0) return ''
  const {error, end, lines} = output
  const around =
    error?.lines.map((line, i) => (error.from + i === error.line ? `<mark>${escapeHtml(line)}</mark>` : escapeHtml(line))) ?? []
  const first = error ? `<p>the first error, in line ${error.line}:</p><pre>${around.join('\n')}</pre>` : ''
  const head = end.length < lines ? `the last ${end.length} of ${lines} lines` : 'all that it printed'
  return `${first}<details open><summary>${head}</summary><pre>${end.map(escapeHtml).join('\n')}</pre></details>`
}

function describeTest(target: string, step: string, test: TestCase): string {
  const note = test.result === 'flaky' ? 'it passed when it was run again' : test.native ? describeNative(test.native) : ''
  const open = test.result === 'failed' ? ' open' : ''
  return `<details${open} id="${anchor(target, step, testName(test))}"><summary class="${test.result}">${escapeHtml(testName(test))}</summary>${note === '' ? '' : `<p>${escapeHtml(note)}</p>`}<pre>${escapeHtml(test.detail ?? '')}</pre></details>`
}

function artifactTable(artifacts: readonly Artifact[]): string {
  if (artifacts.length === 0) return ''
  const rows = artifacts.map(artifact => {
    const about =
      'size' in artifact
        ? `<td class="number">${readableSize(artifact.size)}</td><td><code>${escapeHtml(artifact.sha256)}</code></td>`
        : `<td></td><td>${escapeHtml(`→ ${artifact.link}`)}</td>`
    return `<tr><td><code>${escapeHtml(artifact.path)}</code></td>${about}</tr>`
  })
  const bytes = artifacts.reduce((sum, artifact) => sum + ('size' in artifact ? artifact.size : 0), 0)
  const head = `${artifacts.length} ${artifacts.length === 1 ? 'artifact' : 'artifacts'}, ${readableSize(bytes)}`
  return `<details${artifacts.length <= FEW ? ' open' : ''}><summary>${head}</summary><table class="artifacts"><tr><th>file</th><th class="number">size</th><th>sha256</th></tr>
${rows.join('\n')}</table></details>`
}

/** As many artifacts as are seen without being asked for. */
const FEW = 20

function describeLog({step, run, path, size, text}: LogText): string {
  const bytes = Buffer.byteLength(text)
  const cut = bytes < size ? `<p class="faint">its last ${readableSize(bytes)}; all of it is in <code>${escapeHtml(path)}</code></p>` : ''
  const name = run === 0 ? `log of ${step}` : `log of ${step}, run again (${run})`
  return `<details><summary>${escapeHtml(name)}, ${readableSize(size)}</summary>${cut}<pre>${escapeHtml(text)}</pre></details>`
}
