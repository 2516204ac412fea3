import t from 'tap'
import {resultTable} from '../../../lib/cli/build-report.js'

t.test('the table has a row for each target and a column for each step', async t => {
  const rows = resultTable([
    {
      target: 'mips64el',
      environment: 'mips64el-1',
      steps: [
        {step: 'build', seconds: 3.21, result: 'passed'},
        {step: 'test', seconds: 1, result: 'allowed', why: 'it ended with 1', exitCode: 1},
      ],
      artifacts: [{path: 'a', size: 1, sha256: ''}],
      seconds: 4.4,
    },
    {
      target: 'arm64',
      environment: 'arm64-1',
      steps: [
        {step: 'build', seconds: 2, result: 'failed', why: 'it ended with 2', exitCode: 2},
        {step: 'test', seconds: 0, result: 'left-out'},
      ],
      artifacts: [],
      seconds: 2,
    },
    {target: 's390x', environment: 's390x-1', steps: [], artifacts: [], seconds: 0, error: {message: 'no space', exitCode: 125}},
  ])
  t.same(rows, [
    ['TARGET', 'BUILD', 'TEST', 'ARTIFACTS', 'TIME', 'RESULT'],
    ['mips64el', '3.2 s', 'may fail, 1.0 s', '1', '4.4 s', 'built'],
    ['arm64', 'failed, 2.0 s', '–', '–', '2.0 s', 'failed'],
    ['s390x', '–', '–', '–', '0.0 s', 'failed'],
  ])
})
