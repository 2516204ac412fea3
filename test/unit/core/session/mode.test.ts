import t from 'tap'
import {parseMode, runningOf} from '../../../../lib/core/session/mode.js'
import {refusal} from '../../refusal.js'

t.test('the mode is hybrid unless another is asked for', async t => {
  t.equal(parseMode(undefined), 'hybrid')
  for (const mode of ['hybrid', 'emulated'] as const) t.equal(parseMode(mode), mode)
  t.throws(() => parseMode('fast'), refusal('usage'))
})

t.test('programs that have twins and an emulator run in the mode that is asked for', async t => {
  for (const mode of ['hybrid', 'emulated'] as const) t.equal(runningOf({name: 'x', programs: 'emulated'}, mode), mode)
})

t.test("programs of the host's own architecture run natively, and cannot be emulated", async t => {
  const own = {name: 'amd64', programs: 'native'} as const
  t.equal(runningOf(own, 'hybrid'), 'native')
  t.throws(() => runningOf(own, 'emulated'), refusal('usage', {message: /"amd64".*own architecture/, hint: /leave --mode emulated out/}))
})
