import t from 'tap'
import {readEmulatedProfile, readTwinRules} from '../../../lib/config/profiles.js'
import {routeTable} from '../../../lib/twins/table.js'

const localesOf = async (name: string) => {
  const profile = await readEmulatedProfile(name, undefined)
  return routeTable(profile, await readTwinRules(profile)).locales
}

t.test('in a locale whose data a native program cannot read, programs are emulated, where a root may have any', async t => {
  t.ok((await localesOf('s390x')).includes('C.UTF-8'))
  t.same(await localesOf('mips64el'), [], 'the data of locales are as on the host')
  t.same(await localesOf('mips64'), [], 'a root without an archive has none')
})
