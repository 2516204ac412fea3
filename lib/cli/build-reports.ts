import {open, rm} from 'node:fs/promises'
import {dirname, resolve} from 'node:path'
import {printable} from '../core/printable.js'
import {outcomeOf, type TargetResult} from '../core/project/build-result.js'
import {junitReport} from '../core/project/junit.js'
import {OUTPUT} from '../core/project/project.js'
import {explainFileError, writeFileSafely} from '../host/files.js'
import {writerIn} from '../host/output-directory.js'
import {ignoreOutput} from '../project/artifacts.js'
import type {BuildInput} from '../project/build.js'
import {logsOf} from '../project/look.js'
import {buildPaths} from '../project/paths.js'
import {noteFailure} from './build-failure.js'
import type {LogText} from './build-html.js'
import type {BuildOptions} from './build-input.js'
import {failedByTests, nativeLines, resultTable} from './build-report.js'
import {printAs} from './json.js'
import {note, print, table} from './output.js'
import {VERSION} from './program.js'

/** What a build ended with, and when it began. */
export interface Ended {
  input: BuildInput
  began: Date
  results: readonly TargetResult[]
  native: TargetResult | undefined
}

type ReportOptions = Pick<BuildOptions, 'junit' | 'html' | 'codeQuality' | 'json'>

const filesOf = ({junit, html, codeQuality}: ReportOptions) => [junit, html, codeQuality].filter(path => path !== undefined)

/** A build that is killed leaves no report: the last one's would be taken for its own. */
export async function removeReports(options: ReportOptions): Promise<void> {
  for (const path of filesOf(options)) {
    await rm(resolve(path), {force: true}).catch(error => {
      throw explainFileError(error, path)
    })
  }
}

/** Says how a build ended: on the terminal, in the files that were asked for, and to the CI system that it runs on. */
export async function report(ended: Ended, options: ReportOptions): Promise<void> {
  const {input, results, native} = ended
  const {directory} = input.project
  for (const result of results) await noteFailure(input, result)
  for (const line of nativeLines(results)) note(line)
  if (!native && results.some(failedByTests)) note('whether these tests fail on this machine too: xbuild-env build --check-native')
  if (filesOf(options).some(path => dirname(resolve(path)).startsWith(resolve(directory, OUTPUT)))) {
    ignoreOutput(directory, writerIn(input.store.home))
  }
  if (options.junit !== undefined) await writeFileSafely(resolve(options.junit), junitReport(results))
  if (options.html !== undefined) await writeFileSafely(resolve(options.html), await page(ended))
  const {tellCi} = await import('./build-ci.js')
  await tellCi(input.project, results, options.codeQuality)
  if (options.json) printAs('build', {project: directory, mode: input.mode, targets: results.map(withOutcome), native})
  else print(table(resultTable(results)))
}

const withOutcome = (result: TargetResult) => ({...result, outcome: outcomeOf(result)})

async function page({input: {store, project, mode}, began, results}: Ended): Promise<string> {
  const [{buildHtml}, {commitOf}] = await Promise.all([import('./build-html.js'), import('../host/git.js')])
  const logs: LogText[] = []
  for (const {target, steps} of results) {
    const paths = buildPaths(store, project, target)
    const ran = steps.filter(({result}) => result !== 'left-out' && result !== 'unchanged')
    for (const {step} of ran) {
      for (const [run, path] of logsOf(number => paths.log(step, number)).entries()) {
        logs.push({target, step, run, path, ...(await readEnd(path))})
      }
    }
  }
  const facts = {date: began.toISOString(), commit: await commitOf(project.directory), version: VERSION}
  return buildHtml({project: project.directory, mode, facts, results, logs})
}

/** Bytes of a log's end that a page has: a page of a hundred steps can still be sent to somebody. */
const LOG_SHOWN = 128 * 1024

async function readEnd(path: string): Promise<{size: number; text: string}> {
  const file = await open(path)
  try {
    const {size} = await file.stat()
    const {buffer, bytesRead} = await file.read(Buffer.alloc(Math.min(size, LOG_SHOWN)), 0, undefined, Math.max(0, size - LOG_SHOWN))
    return {size, text: buffer.subarray(0, bytesRead).toString().split('\n').map(printable).join('\n')}
  } finally {
    await file.close()
  }
}
