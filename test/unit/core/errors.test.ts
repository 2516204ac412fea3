import t from 'tap'
import {EXIT, XbuildError} from '../../../lib/core/errors.js'

t.test('a wrong command line exits with 2, any other failure with 125', async t => {
  t.equal(new XbuildError('usage', 'which command?').exitCode, EXIT.usage)
  t.equal(EXIT.usage, 2)
  t.equal(new XbuildError('in-use', 'taken').exitCode, EXIT.ours)
  t.equal(EXIT.ours, 125)
})

t.test('an exit code that is given wins', async t => {
  t.equal(new XbuildError('not-found', 'no such command', {exitCode: EXIT.notFound}).exitCode, 127)
})

t.test('an error keeps its reason, hint and cause', async t => {
  const cause = new Error('EACCES')
  const error = new XbuildError('read-only', 'cannot be written', {hint: 'write elsewhere', cause})
  t.match(error, {name: 'XbuildError', message: 'cannot be written', reason: 'read-only', hint: 'write elsewhere', cause})
  t.ok(error instanceof Error)
})

t.test('an error without a cause has no property of that name', async t => {
  t.notOk('cause' in new XbuildError('network', 'unreachable'))
})
