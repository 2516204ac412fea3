import {chmodSync, existsSync, readdirSync, readFileSync, statfsSync, writeFileSync} from 'node:fs'
import {release, userInfo} from 'node:os'
import {join} from 'node:path'
import t from 'tap'
import {gatherFacts} from '../../../lib/host/facts.js'
import {withVariables} from '../other-process.js'

const IS_ROOT = process.getuid?.() === 0
const gather = (data: string) => gatherFacts({data, binfmt: undefined, profiles: ['arm64']})

t.test('what is told of a host is what it is, and nothing of the trial is left', async t => {
  const directory = t.testdir({data: {file: ''}})
  const data = join(directory, 'data')
  const facts = await gather(data)
  t.match(facts, {node: process.versions.node, kernel: release(), architecture: {name: process.arch}, missingShims: []})
  t.same(facts.user, {name: userInfo().username, uid: process.getuid?.()})
  t.same(facts.binfmt.profiles, ['arm64'])
  t.same(facts.fileSystems.includes('overlay'), /\toverlay$/m.test(readFileSync('/proc/filesystems', 'utf8')))
  t.same(facts.data, {...facts.data, directory: data, writable: true})
  t.ok(Math.abs(facts.data.freeBytes / (statfsSync(data).bavail * statfsSync(data).bsize) - 1) < 0.5)
  t.ok(facts.programs.includes('flock'))
  t.same(facts.session?.trial, {worked: true})
  t.same(readdirSync(data), ['file'])
})

t.test('where data would lie is judged by the nearest directory, and none is made', async t => {
  const directory = t.testdir({})
  const data = join(directory, 'not/there')
  const facts = await gather(data)
  t.match(facts.data, {directory: data, writable: true})
  t.notOk(existsSync(join(directory, 'not')))
})

t.test('where nothing can be written, no session is tried there', {skip: IS_ROOT && 'root may write'}, async t => {
  const directory = t.testdir({closed: {}})
  chmodSync(join(directory, 'closed'), 0o555)
  const facts = await gather(join(directory, 'closed'))
  t.equal(facts.data.writable, false)
  t.match(facts.session, {trial: {worked: true}, overlay: undefined, memory: undefined, binds: undefined})
})

t.test('programs are those of the path that can be executed', async t => {
  const directory = t.testdir({bin: {}, data: {}})
  const place = (name: string, text: string, mode: number) => {
    writeFileSync(join(directory, 'bin', name), text)
    chmodSync(join(directory, 'bin', name), mode)
  }
  place('cc', '', 0o755)
  place('make', '', 0o644)
  place('mmdebstrap', '#!/bin/sh\necho mmdebstrap 9.9\n', 0o755)
  place('newuidmap', '', 0o755)
  withVariables(t, {PATH: join(directory, 'bin')})
  const facts = await gather(join(directory, 'data'))
  t.ok(facts.programs.includes('cc'))
  t.equal(facts.mmdebstrap, 'mmdebstrap 9.9')
  t.not(facts.idPrograms.newuidmap, 'absent')
  if (existsSync('/usr/sbin/make') || existsSync('/sbin/make')) return // of a host with one directory of programs
  t.notOk(facts.programs.includes('make'))
  t.equal(facts.idPrograms.newgidmap, 'absent')
  if (!existsSync('/usr/sbin/unshare')) t.match(facts.namespaces.trial, {worked: false, why: 'unshare is not installed'})
})

t.test('a program that gives ids needs rights of its own', async t => {
  const directory = t.testdir({
    bin: {newuidmap: '', newgidmap: '', getcap: '#!/bin/sh\ncase $1 in *newgidmap) echo "$1 cap_setgid=ep" ;; esac\n'},
  })
  for (const name of ['newuidmap', 'newgidmap', 'getcap']) chmodSync(join(directory, 'bin', name), 0o755)
  withVariables(t, {PATH: `${join(directory, 'bin')}:${process.env.PATH}`})
  t.same((await gather(directory)).idPrograms, {newuidmap: 'plain', newgidmap: 'privileged'})
  if (!IS_ROOT) return
  chmodSync(join(directory, 'bin/newuidmap'), 0o4755)
  t.equal((await gather(directory)).idPrograms.newuidmap, 'privileged')
})

t.test('a job of a CI system in a container is told by what such systems set', async t => {
  const directory = t.testdir({})
  withVariables(t, {KUBERNETES_SERVICE_HOST: '10.0.0.1', GITLAB_CI: 'true', GITHUB_ACTIONS: ''})
  t.match((await gather(directory)).container, {ci: 'gitlab'})
  withVariables(t, {GITHUB_ACTIONS: 'true'})
  t.match((await gather(directory)).container, {ci: 'github'})
})
