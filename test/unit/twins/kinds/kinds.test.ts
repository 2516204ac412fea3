import t from 'tap'
import {readKindNames} from '../../../../lib/config/profiles.js'
import {TWIN_KINDS} from '../../../../lib/twins/kinds/kinds.js'

t.test('each kind has data, and all data is of a kind', async t => {
  t.same(await readKindNames(), [...TWIN_KINDS.map(({name}) => name), 'plain'].sort())
})
