import {afterLine, BEGINNING, describeMaking, type Making} from '../core/debian/making.js'
import type {StepResult} from '../core/project/build-result.js'
import {testName} from '../core/project/tests.js'
import type {BuildEvent} from '../project/build-target.js'
import type {ViewNews} from '../project/view.js'
import {describeTests, labelLines, testsThat} from './build-report.js'
import {describeFarm} from './farm-report.js'
import {isVerbose, LiveLines, note} from './output.js'
import {Redrawing} from './redrawing.js'

/** Of a list of files, so many are named. */
const NAMED = 5

type EnvironmentState = Extract<BuildEvent, {kind: 'environment'}>['state']

/** What is said of an environment, and what the live line has while that goes on. */
const ENVIRONMENT: Record<EnvironmentState, {doing?: string; said: (name: string) => string}> = {
  making: {doing: 'making', said: name => `making the environment ${name}, once`},
  made: {said: name => `made the environment ${name}`},
  importing: {doing: 'importing', said: name => `importing the environment ${name} from the cache`},
  imported: {said: name => `imported the environment ${name}`},
  exporting: {doing: 'exporting', said: name => `exporting the environment ${name} to the cache`},
  exported: {said: name => `exported the environment ${name}`},
}

interface Running {
  doing: string
  since: number
  /** The last that was said. */
  line: string
  /** Of a part of an environment. */
  making?: Making
}

/** Tells how a build goes: on a terminal one live line for each target, elsewhere all lines with the target in front. */
export class BuildProgress {
  readonly #live = new LiveLines()
  readonly #running = new Map<string, Running>()
  readonly #drawn = new Redrawing(this.#live, () => this.#draw())

  constructor() {
    this.#drawn.begin()
  }

  tell(target: string, event: BuildEvent): void {
    switch (event.kind) {
      case 'environment':
        return this.#environment(target, event.name, event.state)
      case 'cache-failed':
        return this.#say(`${target}: ${event.why}`)
      case 'part':
        return this.#part(target, event.doing)
      case 'maker-line':
        return this.#makerLine(target, event.line)
      case 'view':
        for (const line of describeNews(event.news)) this.#say(`${target}: ${line}`)
        return
      case 'farm':
        return this.#say(`${target}: ${describeFarm(event.news)}`)
      case 'step':
        this.#run(target, event.step)
        return this.#plain(`${target}: ${event.step} begins`)
      case 'line':
        return this.#line(target, event.line)
      case 'test-again':
        this.#run(target, `again: ${event.tests.join(', ')}`)
        return this.#plain(`${target}: runs again, alone: ${event.tests.join(', ')}`)
      case 'not-alone':
        return this.#say(`${target}: nobody knows how to run these alone: ${event.tests.join(', ')}`)
      case 'script-again':
        this.#run(target, 'the step once more')
        return this.#say(`${target}: all tests that failed have passed alone: the step runs once more`)
      case 'step-ended':
        for (const test of testsThat(event.result, 'flaky')) this.#say(`${target}: test passed when run again: ${testName(test)}`)
        for (const test of testsThat(event.result, 'failed')) this.#say(`${target}: test failed: ${testName(test)}`)
        for (const line of labelLines(event.result)) this.#say(`${target}: ${line}`)
        return this.#say(`${target}: ${event.result.step} ${describeStep(event.result)}`)
      case 'ended':
        this.#running.delete(target)
    }
  }

  #environment(target: string, name: string, state: EnvironmentState): void {
    const {doing, said} = ENVIRONMENT[state]
    if (doing) this.#run(target, `${doing} ${name}`)
    this.#say(`${target}: ${said(name)}`)
  }

  #part(target: string, doing: string): void {
    const running = this.#running.get(target)
    if (running) Object.assign(running, {making: BEGINNING, line: doing})
    this.#plain(`${target}: ${doing}`)
  }

  /** What makes an environment says much that is its own business. */
  #makerLine(target: string, line: string): void {
    if (isVerbose()) note(`${target} | ${line}`)
    const running = this.#running.get(target)
    if (running) running.making = afterLine(running.making ?? BEGINNING, line)
  }

  /** Nothing is drawn any more. */
  end(): void {
    this.#drawn.end()
  }

  #run(target: string, doing: string): void {
    this.#running.set(target, {doing, since: performance.now(), line: ''})
  }

  #line(target: string, line: string): void {
    const running = this.#running.get(target)
    if (running && line.trim() !== '') running.line = line
    this.#plain(`${target} | ${line}`)
  }

  #plain(line: string): void {
    if (!this.#live.isLive) note(line)
  }

  #say(line: string): void {
    this.#drawn.say(line)
  }

  #draw(): void {
    const width = Math.max(0, ...[...this.#running.keys()].map(name => name.length))
    this.#live.show(
      [...this.#running].map(([target, {doing, since, line, making}]) => {
        const seconds = Math.floor((performance.now() - since) / 1000)
        const now = making ? `${line}: ${describeMaking(making)}` : line
        return `${target.padEnd(width)}  ${doing} ${seconds} s  ${now.replaceAll('\t', ' ')}`
      }),
    )
  }
}

function describeNews(news: ViewNews): string[] {
  if (news.kind === 'new') return news.because === 'killed' ? ['the last build was killed: this one starts over'] : []
  const {conflicts} = news
  if (conflicts.length === 0) return []
  const more = conflicts.length > NAMED ? `, and ${conflicts.length - NAMED} more` : ''
  return [`changed by a build, and by you since; yours is used: ${conflicts.slice(0, NAMED).join(', ')}${more}`]
}

/** For people: `passed after 3.2 s`. */
export function describeStep(result: StepResult): string {
  const after = `after ${result.seconds.toFixed(1)} s${result.tests ? ` (tests: ${describeTests(result.tests)})` : ''}`
  switch (result.result) {
    case 'passed':
      return `passed ${after}`
    case 'failed':
      return `failed ${after}: ${result.why}`
    case 'allowed':
      return `failed ${after}, as it may: ${result.why}`
    case 'stopped':
      return `stopped ${after}: ${result.why}`
    case 'left-out':
      return 'was left out'
    case 'unchanged':
      return 'is unchanged'
  }
}
