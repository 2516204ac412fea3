import t from 'tap'
import {checkSettings, SETTINGS} from '../../../lib/config/settings.js'

const FILE = '/home/me/.config/xbuild-env/config.yaml'

/** The error that settings are refused with. */
function refusal(config: unknown): {message: string; hint: string; reason: string} {
  try {
    checkSettings(config, FILE)
  } catch (error) {
    return error as {message: string; hint: string; reason: string}
  }
  throw new Error('the settings were accepted')
}

t.test('settings that are known and texts are taken as they are', async t => {
  const settings = {data: '/data', environment: 'mips64el', mirror: 'http://mirror.example/debian'}
  t.same(checkSettings(settings, FILE), settings)
  t.same(checkSettings({}, FILE), {})
})

t.test('a misspelt name is refused, with the one that was meant', async t => {
  t.match(refusal({mirorr: 'x'}), {reason: 'bad-settings', message: `${FILE}: unknown setting "mirorr", did you mean "mirror"?`})
})

t.test('a name that is like none is refused without a guess', async t => {
  const {message, hint} = refusal({colour: 'red'})
  t.equal(message, `${FILE}: unknown setting "colour"`)
  t.equal(hint, `known settings: ${Object.keys(SETTINGS).join(', ')}`)
})

t.test('what is no text is refused', async t => {
  for (const value of [1, true, null, '', ['x'], {}]) t.match(refusal({data: value}).message, '"data" must be a string')
})

t.test('all mistakes are told at once', async t => {
  const {message} = refusal({mirorr: 'x', data: 1, environment: 'good'})
  t.match(message, /unknown setting "mirorr".*; "data" must be a string/)
  t.notMatch(message, '"environment"')
})

t.test('a file that holds no table is refused', async t => {
  for (const config of ['text', 7, null, ['data']]) t.match(refusal(config), {reason: 'bad-settings', message: FILE})
})
