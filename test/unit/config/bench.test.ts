import t from 'tap'
import {chooseBenchPackages, readBenchPackages} from '../../../lib/config/bench.js'
import {refusal} from '../refusal.js'

t.test('the list is valid, has six packages and more of different kinds, and each name once', async t => {
  const packages = await readBenchPackages()
  t.ok(packages.length >= 6)
  t.equal(new Set(packages.map(({name}) => name)).size, packages.length)
  t.equal(new Set(packages.map(({kind}) => kind)).size, packages.length)
})

t.test('a cross build names the cross compiler that it needs, and its command uses it or its triple', async t => {
  for (const {name, cross} of await readBenchPackages()) {
    if ('none' in cross) {
      t.ok(cross.none.length > 10, `${name} says why there is none`)
      continue
    }
    t.ok(
      Object.keys(cross.programs).some(program => program.startsWith('{triple}-')),
      name,
    )
    t.match(cross.build, /\{triple\}/, name)
  }
})

t.test('a build fails where one of its steps does', async t => {
  for (const {name, build} of await readBenchPackages()) t.notMatch(build, /;|\|\|/, name)
})

t.test('packages are chosen by name, in the order of the list, or all', async t => {
  const all = (await readBenchPackages()).map(({name}) => name)
  t.same(
    (await chooseBenchPackages(['all'])).map(({name}) => name),
    all,
  )
  t.same(
    (await chooseBenchPackages(['tree', 'sed'])).map(({name}) => name),
    ['sed', 'tree'],
  )
})

t.test('an unknown package is refused, with the one that was meant', async t => {
  await t.rejects(chooseBenchPackages(['tre']), refusal('usage', {message: /"tre"/, hint: /did you mean tree\?/}))
  await t.rejects(chooseBenchPackages(['sed', 'libreoffice']), refusal('usage', {hint: /there are: sed, /}))
  await t.rejects(chooseBenchPackages([]), refusal('usage'))
})
