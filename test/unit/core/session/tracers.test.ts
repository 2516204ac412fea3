import t from 'tap'
import {adviseTracer} from '../../../../lib/core/session/tracers.js'

t.test('where strace, ltrace and perf cannot trace, it is told what can', async t => {
  t.strictSame(adviseTracer('/usr/bin/strace', 'mine'), [
    'strace cannot trace what runs under the emulator',
    "the emulator's own account of system calls, on standard error: xbuild-env run mine --env QEMU_STRACE=1 -- ./prog",
  ])
  t.match(adviseTracer('ltrace', 'mine')?.[1], /gdb -ex 'break FUNCTION'/)
  t.match(adviseTracer('perf', 'mine')?.[1], /xbuild-env trace FILE/)
})

t.test('of other programs nothing is told', async t => {
  for (const name of ['make', 'strace-log-merge', './perf.sh', 'constructor', '']) t.equal(adviseTracer(name, 'mine'), undefined)
})
