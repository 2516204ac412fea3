import t from 'tap'
import {githubRepository, parseSource} from '../../../../lib/core/ci/source.js'
import {refusal} from '../../refusal.js'

t.test('addresses that git takes, and commits, tags and branches', async t => {
  for (const url of [
    'https://example.org/a.git',
    'http://example.org:8080/a',
    'ssh://git@example.org:22/a',
    'git@example.org:a/b.git',
    'file:///srv/a b',
    '/srv/a: b',
  ]) {
    t.same(parseSource(url, 'v1.0'), {url, ref: 'v1.0'})
  }
  for (const ref of ['0123abc', 'v1.0-rc+1', 'feature/x_y']) t.equal(parseSource('/a', ref).ref, ref)
})

t.test('anything else is refused in one clear error', async t => {
  const urls = [
    '',
    'a',
    '--upload-pack=x',
    'ext::sh -c x',
    '-oProxyCommand=x',
    'https://a/$(id)',
    'https://a/\u0024{{ b }}',
    '/a\nb',
    './a',
  ]
  for (const url of urls) t.throws(() => parseSource(url, 'v1'), refusal('usage', {hint: /--source/}), url)
  for (const ref of ['', '-x', 'a b', 'a..b', '$(id)', "a'b", 'a\n']) {
    t.throws(() => parseSource('/a', ref), refusal('usage', {hint: /--ref/}), ref)
  }
})

t.test('a password is refused, and not repeated', async t => {
  for (const url of ['https://ada:secret@example.org/a', 'https://secret@example.org/a']) {
    t.throws(() => parseSource(url, 'v1'), refusal('usage', {message: /^((?!secret).)*$/, hint: /--source/}))
  }
})

t.test('a repository of github.com is known in each form', async t => {
  for (const url of ['https://github.com/a/b', 'https://github.com/a/b.git', 'git@github.com:a/b.git', 'ssh://git@github.com/a/b/']) {
    t.equal(githubRepository({url, ref: 'x'}), 'a/b', url)
  }
  for (const url of ['https://github.com.example.org/a/b', 'https://example.org/github.com/a/b', 'https://github.com/a']) {
    t.equal(githubRepository({url, ref: 'x'}), undefined, url)
  }
})
