import {isFailed, type StepResult, type TargetResult} from '../project/build-result.js'
import {testName} from '../project/tests.js'

/** A file of the project, relative to its tree, and a line of it. */
export interface Place {
  path: string
  line: number
}

/** One failure of a build, as CI systems show it beside the sources. */
export interface Failure {
  /** `arm64: test` */
  title: string
  message: string
  /** Where the compiler, or a test program, says that it is. */
  place: Place | undefined
}

/** `src/a.c:12:3: error: …`, `tests/a.py:7: AssertionError`, `src/lib.rs:4:5` */
const PLACE = /(?:^|[\s("'])((?:\/|\.{0,2}\/)?[\w@%+=./-]*[\w+-]\.\w{1,10}):(\d{1,7})(?=[:,)\s]|$)/

/** Characters of a line in which a place is looked for. */
const LINE = 500

/** What a line says of a file: any path, which need not be there. */
export function placeIn(line: string): Place | undefined {
  const [, path, number] = PLACE.exec(line.slice(0, LINE)) ?? []
  return path === undefined ? undefined : {path, line: Number(number)}
}

/** Tests of a step that are told of one by one. */
const MOST_TESTS = 10

/** `locate`: the path in the tree of one that a program printed; undefined where there is no such file. */
export function failuresOf(results: readonly TargetResult[], locate: (path: string) => string | undefined): Failure[] {
  const found = (line: string): Place | undefined => {
    const place = placeIn(line)
    const path = place && locate(place.path)
    return place && path !== undefined ? {path, line: place.line} : undefined
  }
  const ofLines = (lines: readonly string[]) => lines.map(found).find(place => place !== undefined)
  return results.flatMap(({target, steps, error, ...rest}) => [
    ...(error ? [{title: target, message: error.message, place: undefined}] : []),
    ...(isFailed({target, steps, ...rest}) ? steps.flatMap(step => failuresOfStep(target, step, ofLines)) : []),
  ])
}

function failuresOfStep(target: string, step: StepResult, placeOf: (lines: readonly string[]) => Place | undefined): Failure[] {
  if (step.result !== 'failed') return []
  const title = `${target}: ${step.step}`
  const tests = (step.tests ?? []).filter(({result}) => result === 'failed')
  if (tests.length === 0) {
    const error = step.output?.error
    const message = error ? `${step.why}: ${error.text.trim()}` : step.why
    return [{title, message, place: placeOf(error ? [error.text] : [])}]
  }
  const each = tests.slice(0, MOST_TESTS).map(test => ({
    title,
    message: `${testName(test)} failed${test.detail === undefined ? '' : `\n${test.detail}`}`,
    place: placeOf((test.detail ?? '').split('\n')),
  }))
  const more = tests.length - MOST_TESTS
  return more > 0 ? [...each, {title, message: `${more} more tests failed`, place: undefined}] : each
}
