import {constants} from 'node:os'
import {XbuildError} from '../core/errors.js'
import {usedUp} from './used-up.js'

/** Node's map of system errors has no ENOEXEC. */
export const errnoName = (errno: number) =>
  Object.entries(constants.errno).find(([, value]) => value === errno)?.[0] ?? OTHERS[errno] ?? `errno ${errno}`

/** Of those that it has not, what is told by its name here. <asm-generic/errno.h> */
const OTHERS: Readonly<Record<number, string>> = {87: 'EUSERS', 109: 'ETOOMANYREFS'}

/** What shims/session/report.c reports as `STEP\tERRNO\tDETAIL`. */
export function sessionError(report: string): XbuildError {
  const [step = '', errno = '', detail = ''] = report.split('\t')
  const name = errnoName(Number(errno))
  if (step === 'join') return joinError(name, detail)
  if (step === 'meet' && name === 'EPERM') {
    return new XbuildError('cannot-join', `what answers at ${detail} is none of this user's own processes`, {
      hint: `a session's program has put it there: remove it (rm ${detail})`,
    })
  }
  const message = `the session could not be made: ${step}${detail ? ` ${detail}` : ''}: ${name}`
  if (usesUp(name, step)) return usedUp(name === 'EAGAIN' ? 'processes' : 'descriptors', message)
  if (step === 'make namespaces' || step === 'map ids') {
    return new XbuildError('namespaces-forbidden', `this host does not allow user namespaces (${name})`, {
      hint: 'run "xbuild-env doctor": it says which setting forbids them',
    })
  }
  if (step === 'newuidmap' || step === 'newgidmap') {
    if (detail === 'it cannot be started') {
      return new XbuildError('missing-program', `${step} is not installed`, {hint: 'apt-get install uidmap'})
    }
    return new XbuildError('no-subordinate-ids', `${step} refused the user's subordinate ids`, {
      hint: 'check this user\'s lines in /etc/subuid and /etc/subgid: "xbuild-env doctor" shows them',
    })
  }
  if (step === 'binfmt_misc' && (name === 'ENODEV' || name === 'EPERM')) {
    return new XbuildError('kernel-too-old', 'this kernel has no binfmt_misc for user namespaces (Linux 6.7 and later have)', {
      hint: 'run "xbuild-env doctor" for the way through the system\'s own binfmt_misc',
    })
  }
  if (step === 'execute from') {
    return new XbuildError('unsupported-host', `${detail} is mounted noexec, and programs of a twin set run from it`, {
      hint: 'keep the data elsewhere: XBUILD_ENV_DATA=/some/directory',
    })
  }
  if (step === 'chdir') {
    return new XbuildError('bad-directory', `${detail} is not a directory of the environment (${name})`, {
      hint: 'name one that is there with --workdir, or show one of the host with --bind',
    })
  }
  if (name === 'ENOSPC') {
    return new XbuildError('no-space', message, {hint: 'free some space on the disk that holds the environment'})
  }
  return new XbuildError('session-failed', message, {hint: 'run "xbuild-env doctor" to see what this host lacks'})
}

/** A command was not begun, in a session that goes on. */
function joinError(name: string, detail: string): XbuildError {
  const message = `the command could not be begun in the session that runs: ${detail}${detail === '' ? '' : ': '}${name}`
  if (name === 'EAGAIN') return usedUp('processes', message)
  if (name === 'EMFILE' || name === 'ENFILE' || name === 'ETOOMANYREFS') return usedUp('descriptors', message)
  if (name === 'EUSERS') {
    return new XbuildError('cannot-join', 'the session that runs has as many commands as it takes', {hint: 'wait for one of them to end'})
  }
  return new XbuildError('session-failed', message, {hint: '"xbuild-env ps" shows it; run "xbuild-env doctor" to see what this host lacks'})
}

/** PID 1 keeps descriptors of numbers that it knows (shims/places.h): where none may be so high, dup3(2) says EBADF. */
const usesUp = (name: string, step: string) =>
  name === 'EAGAIN' || name === 'EMFILE' || name === 'ENFILE' || (name === 'EBADF' && (step === 'hold' || step === 'trace'))
