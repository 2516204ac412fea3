import {constants} from 'node:os'
import t from 'tap'
import {explainFileError} from '../../../lib/host/files.js'
import {sessionError} from '../../../lib/host/session-error.js'
import {refusal} from '../refusal.js'

const {EAGAIN, EBADF, EMFILE, ENOSPC} = constants.errno

t.test('a session that could not be made for a limit of descriptors or processes says which', async t => {
  const descriptors = refusal('used-up', {hint: /ulimit -n/})
  t.match(sessionError(`hold\t${EBADF}\t/routes`), descriptors)
  t.match(sessionError(`trace\t${EMFILE}\t`), descriptors)
  const processes = refusal('used-up', {hint: /ulimit -u/})
  t.match(sessionError(`fork\t${EAGAIN}\t`), processes)
  t.match(sessionError(`make namespaces\t${EAGAIN}\t`), processes)
})

t.test('one for other reasons says these', async t => {
  t.match(sessionError(`make namespaces\t${ENOSPC}\t`), refusal('namespaces-forbidden'))
  t.match(sessionError(`bind\t${EBADF}\t/x`), refusal('session-failed', {message: /: bind \/x: EBADF$/}))
  t.match(sessionError(`overlay\t${ENOSPC}\t/x`), refusal('no-space'))
})

t.test('a program that cannot be started for a limit of processes is told as that, and a descriptor that would wait is not', async t => {
  const error = (code: string, syscall: string) => Object.assign(new Error(code), {code, syscall})
  t.match(explainFileError(error('EAGAIN', 'spawn /usr/bin/flock')), refusal('used-up', {hint: /ulimit -u/}))
  const waiting = error('EAGAIN', 'write')
  t.equal(explainFileError(waiting), waiting)
  t.match(explainFileError(error('EMFILE', 'open')), refusal('used-up', {hint: /ulimit -n/}))
})

t.test('a command that a session does not begin is told with what it lacks, or that the session is full', async t => {
  t.match(sessionError(`join\t${EAGAIN}\t`), refusal('used-up', {hint: /ulimit -u/}))
  for (const errno of [EMFILE, 109]) t.match(sessionError(`join\t${errno}\t`), refusal('used-up', {hint: /ulimit -n/}))
  t.match(sessionError('join\t87\t'), refusal('cannot-join', {message: /as many commands as it takes/}))
  t.match(
    sessionError(`meet\t${constants.errno.EPERM}\t/d/sessions/x.socket`),
    refusal('cannot-join', {hint: /rm \/d\/sessions\/x\.socket/}),
  )
})
