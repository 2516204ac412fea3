import t from 'tap'
import {IgnoredFiles} from '../../../lib/project/ignored.js'

t.test('each .gitignore counts for its directory and what lies below; the nearest has the last word', async t => {
  const directory = t.testdir({'.gitignore': '*.o\n/build/\n', sub: {'.gitignore': '!keep.o\nown\n', deep: {}}})
  const ignored = new IgnoredFiles(directory, ['*.swp'])
  for (const path of ['a.o', 'sub/a.o', 'build/', 'sub/own', 'sub/deep/own', 'sub/.a.swp', 'out/', 'out/arm64/x', '.git/', '.git/index']) {
    t.ok(ignored.includes(path), path)
  }
  for (const path of ['a.c', 'sub/', 'sub/keep.o', 'own', 'sub/build/', 'sub/out', '.gitignore']) t.notOk(ignored.includes(path), path)
})

t.test('kept environments are no sources', async t => {
  const ignored = new IgnoredFiles(t.testdir({}), [])
  for (const path of ['.xbuild-env-cache/', '.xbuild-env-cache/arm64-01234567.xbe']) t.ok(ignored.includes(path), path)
  t.notOk(ignored.includes('sub/.xbuild-env-cache'))
})

t.test('a changed .gitignore counts when the old ones are forgotten', async t => {
  const ignored = new IgnoredFiles(t.testdir({}), [])
  t.notOk(ignored.includes('a.o'))
  t.notOk(ignored.includes('sub/a.o'), 'a directory that is not there')
  const other = new IgnoredFiles(t.testdir({'.gitignore': 'a.o'}), [])
  other.forget()
  t.ok(other.includes('a.o'))
})
