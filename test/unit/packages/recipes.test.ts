import t from 'tap'
import {type Recipe, readRecipes} from '../../../lib/config/userland.js'
import {buildScript, installScript, userlandKey, waves} from '../../../lib/packages/recipes.js'

const recipe = (name: string, more: Partial<Recipe> = {}): Recipe => ({name, source: name, build: 'make', after: [], keep: [], ...more})

t.test('what needs nothing of each other is built side by side, the rest later', async t => {
  const recipes = [recipe('dpkg', {after: ['zlib']}), recipe('sed'), recipe('zlib')]
  t.same(
    waves(recipes).map(wave => wave.map(({name}) => name)),
    [['sed', 'zlib'], ['dpkg']],
  )
})

t.test('what was built in an earlier run is not waited for', async t => {
  t.equal(waves([recipe('dpkg', {after: ['zlib']})]).length, 1)
})

t.test('recipes that wait for each other are a mistake', async t => {
  t.throws(() => waves([recipe('a', {after: ['b']}), recipe('b', {after: ['a']})]), /wait for each other: a, b/)
})

t.test('the recipes that come with xbuild-env name only each other', async t => {
  const recipes = await readRecipes()
  const names = recipes.map(({name}) => name)
  t.ok(names.length >= 19)
  t.equal(new Set(names).size, names.length)
  for (const {after} of recipes) for (const name of after) t.ok(names.includes(name), name)
  t.ok(waves(recipes).length >= 2)
})

t.test('a change of a recipe makes another userland', async t => {
  t.equal(userlandKey('root', [recipe('sed')]), userlandKey('root', [recipe('sed')]))
  t.not(userlandKey('root', [recipe('sed')]), userlandKey('root', [recipe('sed', {build: 'make -k'})]))
  t.not(userlandKey('root', [recipe('sed')]), userlandKey('other', [recipe('sed')]))
})

t.test('scripts have the triple filled in, and replace stubs and what the recipe keeps', async t => {
  const zlib = recipe('zlib', {build: './configure --libdir=/usr/lib/{triple}', keep: ['/usr/lib/{triple}/libz.*']})
  t.equal(
    buildScript(zlib, 'm68k-linux-gnu'),
    `set -e
find . -name aclocal.m4 -exec touch {} +
find . '(' -name configure -o -name 'config.h*in' -o -name Makefile.in ')' -exec touch {} +
./configure --libdir=/usr/lib/m68k-linux-gnu
`,
  )
  const script = installScript([{recipe: zlib, version: '1.2.13', destination: '/w/zlib/destination'}], 'm68k-linux-gnu')
  t.match(script, "case $target in /usr/lib/m68k-linux-gnu/libz.*|'') kept=yes;; esac")
  t.match(script, '[ "$target" -ef /usr/lib/xbuild-env/stand-in ]')
  t.match(script, "echo '1.2.13' >/usr/lib/xbuild-env/userland/zlib")
})
