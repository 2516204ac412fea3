import t from 'tap'
import type {StepResult} from '../../../lib/core/project/build-result.js'
import type {Project, Step} from '../../../lib/core/project/project.js'
import {passedSteps, unchangedSteps} from '../../../lib/project/unchanged.js'
import {targetResult} from '../core/target-result.js'

const step = (name: string, inputs?: string[]): Step => ({name, run: 'true', timeoutSeconds: undefined, allowFailure: 'none', inputs})

const PROJECT: Project = {
  directory: '/p',
  file: '/p/xbuild-env.yaml',
  targets: [],
  variables: {},
  steps: [step('bootstrap', ['*.am', 'm4/']), step('configure', ['/configure']), step('build'), step('doc', ['doc/'])],
  artifacts: [],
  sources: 'view',
  watch: {ignore: []},
}

const ALL = PROJECT.steps.map(({name}) => name)

const unchanged = (changed: readonly string[], passed: readonly string[] = ALL) => [
  ...unchangedSteps(PROJECT, new Set(passed), new Set(changed)),
]

t.test('a build starts at the first step that a change matters to', async t => {
  t.same(unchanged(['src/a.c']), ['bootstrap', 'configure'])
  t.same(unchanged(['src/a.c', 'configure']), ['bootstrap'])
  t.same(unchanged(['src/Makefile.am']), [])
  t.same(unchanged(['m4/deep/x.m4']), [])
  t.same(unchanged(['lib/configure']), ['bootstrap', 'configure'], 'a slash in front means the top')
})

t.test('a step depends on those before it, and one that says nothing on everything', async t => {
  t.same(unchanged(['doc/x']), ['bootstrap', 'configure'])
})

t.test('what has not passed runs again, and all that is behind it', async t => {
  t.same(unchanged(['src/a.c'], ['configure', 'build']), [])
  t.same(unchanged(['src/a.c'], ['bootstrap']), ['bootstrap'])
})

t.test('another configuration, or another tree, may change everything', async t => {
  t.same(unchanged(['xbuild-env.yaml']), [])
  t.same(unchanged(['']), [])
})

t.test('a step has passed that has on every target', async t => {
  const [passed, same]: StepResult[] = [
    {step: 'configure', seconds: 1, result: 'passed'},
    {step: 'configure', seconds: 0, result: 'unchanged'},
  ]
  const failed = {seconds: 1, why: 'it ended with 1', exitCode: 1}
  t.same([...passedSteps([targetResult([passed as StepResult]), targetResult([same as StepResult])])], ['configure'])
  t.same([...passedSteps([targetResult([passed as StepResult]), targetResult([{...failed, step: 'configure', result: 'failed'}])])], [])
  t.same([...passedSteps([targetResult([{...failed, step: 'lint', result: 'allowed'}])])], [])
  t.same([...passedSteps([targetResult([passed as StepResult]), targetResult([], {message: 'no space', exitCode: 125})])], [])
})
