import {escapeHtml} from '../core/html.js'
import type {StepResult, TargetResult} from '../core/project/build-result.js'
import {describeNative} from '../core/project/native-tests.js'
import {type TestCase, testName} from '../core/project/tests.js'
import {PAGE_STYLE} from './bench-html.js'
import {describeStep} from './build-progress.js'
import {resultTable, testsThat} from './build-report.js'

/** Beyond what all pages have. */
const STYLE = `.failed { color: light-dark(#b3261e, #ff8a80) } pre { font-size: .8rem; overflow-x: auto; white-space: pre-wrap }`

const FAILED = /^(failed|may fail)/

/** The result of a build in one file that needs no other, and no network. */
export function buildHtml(project: string, results: readonly TargetResult[]): string {
  const [head = [], ...rows] = resultTable(results)
  const cell = (text: string) => `<td${FAILED.test(text) ? ' class="failed"' : ''}>${escapeHtml(text)}</td>`
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escapeHtml(project)}</title>
<style>${PAGE_STYLE}
${STYLE}</style></head><body>
<h1>${escapeHtml(project)}</h1>
<table><tr>${head.map(text => `<th>${escapeHtml(text.toLowerCase())}</th>`).join('')}</tr>
${rows.map(row => `<tr>${row.map(cell).join('')}</tr>`).join('\n')}
</table>
${results.map(describeTarget).join('\n')}
</body></html>
`
}

/** What failed, also for a time, and what came of it. */
function describeTarget({target, environment = '', steps, artifacts, error}: TargetResult): string {
  const failed = steps.filter(step => isFailure(step) || testsThat(step, 'flaky').length > 0)
  return `<h2>${escapeHtml(target)}</h2>
<p class="faint">environment ${escapeHtml(environment)}</p>
${error ? `<p class="failed">${escapeHtml(error.message)}</p>` : ''}
${failed.map(describeFailure).join('\n')}
${artifacts.length > 0 ? `<table>${artifacts.map(artifact => `<tr><td><code>${escapeHtml(artifact.path)}</code></td><td class="number">${'size' in artifact ? `${artifact.size} bytes` : escapeHtml(`→ ${artifact.link}`)}</td></tr>`).join('')}</table>` : ''}`
}

const isFailure = ({result}: StepResult) => result === 'failed' || result === 'allowed'

function describeFailure(step: StepResult): string {
  const tests = [...testsThat(step, 'failed'), ...testsThat(step, 'flaky')]
  const style = isFailure(step) ? ' class="failed"' : ''
  return `<p${style}>${escapeHtml(`${step.step} ${describeStep(step)}`)}</p>\n${tests.map(describeTest).join('\n')}`
}

function describeTest(test: TestCase): string {
  const note = test.result === 'flaky' ? 'it passed when it was run again' : test.native ? describeNative(test.native) : ''
  return `<details><summary>${escapeHtml(testName(test))}</summary>${note === '' ? '' : `<p>${escapeHtml(note)}</p>`}<pre>${escapeHtml(test.detail ?? '')}</pre></details>`
}
