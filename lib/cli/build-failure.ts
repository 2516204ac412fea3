import {readFile} from 'node:fs/promises'
import {printable} from '../core/printable.js'
import type {StepResult, TargetResult} from '../core/project/build-result.js'
import type {BuildInput} from '../project/build.js'
import {buildPaths} from '../project/paths.js'
import {adviseMissing} from './build-advice.js'
import {adviseForeign} from './foreign-advice.js'
import {note, red, warn} from './output.js'

/** Of a step's output, the last so many bytes are shown where it failed; its file has all. */
const SHOWN = 2 ** 20

/** Why a target was not built, and where to look: on a terminal, where they have not been seen yet, with all that a failed step printed. */
export async function noteFailure({store, project, retries}: BuildInput, {target, steps, environment, error}: TargetResult): Promise<void> {
  const failed = steps.find(({result}) => result === 'failed')
  if (failed?.result === 'failed') {
    const again = retries > 0 ? '; what was run again has +1, +2 … in its name' : ''
    const log = buildPaths(store, project, target).log(failed.step)
    const output = (await readFile(log)).subarray(-SHOWN).toString()
    if (process.stderr.isTTY) for (const line of output.trimEnd().split('\n')) note(`${target} | ${printable(line)}`)
    warn(`${red('xbuild-env:')} ${target}: ${failed.step} failed: ${failed.why}`)
    const advice = [...(await adviseMissing(store, environment, output)), ...(await adviseForeign(project.directory, output))]
    for (const line of [...firstError(failed), ...advice]) warn(`  ${line}`)
    warn(`  its full output is in ${log}${again}`)
    warn(`  open a shell where it failed: xbuild-env build --shell ${target}`)
  }
  if (error) warn(`${red('xbuild-env:')} ${target}: ${error.message}${error.hint ? `\n  ${error.hint}` : ''}`)
}

function firstError(step: Extract<StepResult, {exitCode: number}>): string[] {
  const error = step.output?.error
  return error ? [`the first error, in line ${error.line}: ${error.text.trim()}`] : []
}
