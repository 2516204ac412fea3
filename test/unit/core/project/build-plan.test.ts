import t from 'tap'
import {select, shareJobs} from '../../../../lib/core/project/build-plan.js'
import {mayFail, type Project, type Step} from '../../../../lib/core/project/project.js'
import {refusal} from '../../refusal.js'

const step = (name: string): Step => ({name, run: 'true', timeoutSeconds: undefined, allowFailure: 'none', inputs: undefined})
const target = (name: string) => ({name, profile: name, suite: undefined, packages: [], variables: {}})

const PROJECT: Project = {
  directory: '/p',
  file: '/p/xbuild-env.yaml',
  targets: ['mips64el', 'arm64', 's390x'].map(target),
  variables: {},
  steps: ['configure', 'build', 'test'].map(step),
  artifacts: [],
  sources: 'view',
  watch: {ignore: []},
}

const names = (things: readonly {name: string}[]) => things.map(({name}) => name)

/** Names of what is selected. */
function chosen(targets: string[], first: {step?: string; from?: string} = {}) {
  const selected = select(PROJECT, {targets, step: first.step, from: first.from})
  return {targets: names(selected.targets), steps: names(selected.steps)}
}

t.test('all targets and steps, where nothing else is said', async t => {
  t.same(chosen([]), {targets: ['mips64el', 'arm64', 's390x'], steps: ['configure', 'build', 'test']})
})

t.test('targets come in the order of the project', async t => {
  t.same(chosen(['s390x', 'mips64el']).targets, ['mips64el', 's390x'])
})

t.test('one step alone, or it and those behind it', async t => {
  t.same(chosen([], {step: 'build'}).steps, ['build'])
  t.same(chosen([], {from: 'build'}).steps, ['build', 'test'])
})

t.test('what the project does not have is refused with the nearest that it has', async t => {
  const near = {message: 'this project has no target "mips64le"', hint: 'did you mean mips64el?'}
  t.throws(() => chosen(['mips64le']), refusal('usage', near))
  t.throws(() => chosen([], {step: 'tset'}), refusal('usage', {hint: 'did you mean test?'}))
  t.throws(() => chosen([], {step: 'build', from: 'test'}), refusal('usage'))
})

t.test('targets share the processors, none gets less than one job', async t => {
  t.same(shareJobs(3, 2, 'view'), {targets: 3, each: 1})
  t.same(shareJobs(1, 8, 'view'), {targets: 1, each: 8})
  t.same(shareJobs(3, 8, 'view'), {targets: 3, each: 3})
})

t.test('one target after the other with one job, and in the tree itself', async t => {
  t.same(shareJobs(3, 1, 'view'), {targets: 1, each: 1})
  t.same(shareJobs(3, 8, 'in-place'), {targets: 1, each: 8})
})

t.test('a step may fail nowhere, everywhere, or on targets that are named', async t => {
  t.notOk(mayFail(step('a'), 'arm64'))
  t.ok(mayFail({...step('a'), allowFailure: 'all'}, 'arm64'))
  t.ok(mayFail({...step('a'), allowFailure: ['arm64']}, 'arm64'))
  t.notOk(mayFail({...step('a'), allowFailure: ['arm64']}, 's390x'))
})
