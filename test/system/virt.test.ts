import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {createInterface} from 'node:readline'
import {setTimeout as pause} from 'node:timers/promises'
import {fileURLToPath} from 'node:url'
import {execa} from 'execa'
import t, {type Test} from 'tap'
import {DATA, PROFILE, plainVariables, scratch} from './rig.js'

const SERVER = fileURLToPath(new URL('../../bin/autopkgtest-virt-xbuild.js', import.meta.url))

const known = () => (existsSync(join(DATA, 'sessions')) ? readdirSync(join(DATA, 'sessions')) : [])

/** A server of autopkgtest's protocol, as sbuild talks to it. */
class Server {
  readonly child
  readonly ended: Promise<number | string>
  readonly #lines: AsyncIterator<string>
  errors = ''

  constructor(t: Test, args: readonly string[]) {
    this.child = spawn(process.execPath, [SERVER, ...args], {env: plainVariables(), stdio: 'pipe'})
    t.teardown(() => this.child.kill('SIGKILL'))
    this.child.stderr.setEncoding('utf8').on('data', text => (this.errors += text))
    this.#lines = createInterface({input: this.child.stdout})[Symbol.asyncIterator]()
    this.ended = new Promise(resolve => this.child.on('close', (code, signal) => resolve(code ?? String(signal))))
  }

  async line(): Promise<string> {
    const {value, done} = await this.#lines.next()
    if (done) throw new Error(`the server ended: ${this.errors}`)
    return value
  }

  async ask(command: string): Promise<string> {
    this.child.stdin.write(`${command}\n`)
    return this.line()
  }
}

async function open(t: Test, ...args: string[]) {
  const server = new Server(t, [...args, PROFILE])
  t.equal(await server.line(), 'ok')
  const scratchSpace = (await server.ask('open')).replace(/^ok /, '')
  const prefix = (await server.ask('print-execute-command')).replace(/^ok /, '').split(',').map(decodeURIComponent)
  /** As sbuild runs commands: with few variables, and none of xbuild-env's. */
  const run = (words: readonly string[], options: {input?: string} = {}) =>
    execa(prefix[0] ?? '', [...prefix.slice(1), ...words], {reject: false, extendEnv: false, env: {PATH: '/usr/bin:/bin'}, ...options})
  return {server, scratchSpace, run}
}

t.test('a testbed is opened, used, reverted and closed', async t => {
  const directory = scratch(t)
  const {server, scratchSpace, run} = await open(t)
  t.match(await server.ask('capabilities'), /^ok .*\brevert\b.*\broot-on-testbed\b/)
  t.match(await run(['sh', '-c', 'cat; id -u; pwd; echo "$1" >&2; exit 3', 'sh', 'a  b'], {input: 'in\n'}), {
    exitCode: 3,
    stdout: 'in\n0\n/',
    stderr: 'a  b',
  })
  t.match(await run(['test', '-d', scratchSpace, '-a', '-k', scratchSpace]), {exitCode: 0})
  const both = await Promise.all([run(['sleep', '1']), run(['sh', '-c', 'kill -TERM $$'])])
  t.same(
    both.map(({exitCode}) => exitCode),
    [0, 143],
    'several at once',
  )

  mkdirSync(join(directory, 'down/sub'), {recursive: true})
  writeFileSync(join(directory, 'down/sub/tool'), '#!/bin/sh\necho ran\n', {mode: 0o755})
  const encoded = encodeURIComponent(join(directory, 'down'))
  t.equal(await server.ask(`copydown ${encoded}/ ${scratchSpace}/down/`), 'ok')
  t.match(await run([`${scratchSpace}/down/sub/tool`]), {stdout: 'ran'})
  await run(['sh', '-c', `chmod u+s ${scratchSpace}/down/sub/tool; ln -s /etc/shadow ${scratchSpace}/down/link`])
  t.equal(await server.ask(`copyup ${scratchSpace}/down/ ${directory}/up/`), 'ok')
  t.equal(statSync(join(directory, 'up/sub/tool')).mode & 0o7777, 0o755, 'with the rights of files alone')
  t.equal(await server.ask(`copyup /etc/hostname ${directory}/name`), 'ok')
  t.ok(existsSync(join(directory, 'name')))

  await run(['sh', '-c', 'rm -r /usr/share/doc; setsid sleep 1000 >/dev/null 2>&1 &'])
  t.equal(await server.ask('revert'), `ok ${scratchSpace}`)
  const again = (await server.ask('print-execute-command')).replace(/^ok /, '').split(',').map(decodeURIComponent)
  const look = ['sh', '-c', `ls -A ${scratchSpace}; test -d /usr/share/doc; echo $?`]
  t.match(await execa(again[0] ?? '', [...again.slice(1), ...look], {reject: false}), {stdout: '0'})
  t.equal(await server.ask('close'), 'ok')
  t.same(known(), [])
  server.child.stdin.write('quit\n')
  t.equal(await server.ended, 0)
})

t.test('dpkg-buildpackage has no network, and all else has', async t => {
  const {server, run} = await open(t)
  const links = ['grep', '-c', ':', '/proc/net/dev']
  await run([
    'sh',
    '-c',
    'printf "#!/bin/sh\\ngrep -c : /proc/net/dev; cat /proc/net/dev" >/usr/local/bin/dpkg-buildpackage; chmod +x /usr/local/bin/dpkg-buildpackage',
  ])
  const asSbuild = (command: string[]) => [
    'env',
    'A=b',
    '/sbin/runuser',
    '-u',
    'nobody',
    '--',
    'sh',
    '-c',
    'cd / && exec "$@"',
    'exec',
    ...command,
  ]
  t.match(await run(asSbuild(['/usr/local/bin/dpkg-buildpackage', '-us'])), {exitCode: 0, stdout: /^1\n[\s\S]*\n +lo:/})
  const host = readFileSync('/proc/net/dev', 'utf8')
    .split('\n')
    .filter(line => line.includes(':')).length
  t.match(await run(asSbuild(links)), {stdout: String(host)})
  server.child.stdin.end()
  t.equal(await server.ended, 0, 'the end of its input ends it')
  t.same(known(), [])
})

t.test('a testbed ends with its server, however that ends', async t => {
  for (const [signal, code] of [
    ['SIGTERM', 143],
    ['SIGKILL', 'SIGKILL'],
  ] as const) {
    const {server, run} = await open(t)
    const command = run(['sh', '-c', 'echo begun; sleep 1234'])
    await once(command.stdout, 'data')
    server.child.kill(signal)
    t.equal(await server.ended, code)
    t.match(await command, {exitCode: 137}, signal)
  }
  for (let turn = 0; turn < 100 && (await execa('pgrep', ['-f', 'sleep 1234$'], {reject: false})).exitCode === 0; turn++) await pause(50)
  t.not((await execa('pgrep', ['-f', 'sleep 1234$'], {reject: false})).exitCode, 0)
})

t.test('wrong words end it with a message', async t => {
  for (const [command, why] of [
    ['copydown a', /two paths are copied/],
    ['copydown /etc/ /tmp/x', /both are directories, or neither is/],
    ['reboot', /"reboot" is not supported/],
    ['open', /"open" when the testbed is open/],
    ['copyup %zz /tmp/x', /"%zz" is not a path in UTF-8/],
    ['copyup %ff /tmp/x', /"%ff" is not a path in UTF-8/],
    ['copydown /etc/hostname /tmp/%00', /is not a path/],
    ['copydown /etc/hostname//none /tmp/x', /\/none cannot be copied/],
    [`copyup ${'a'.repeat(100_000)}`, /a line has more than \d+ characters/],
  ] as const) {
    const {server} = await open(t)
    server.child.stdin.write(`${command}\n`)
    t.not(await server.ended, 0, command.slice(0, 100))
    t.notMatch(server.errors, /bug in xbuild-env/)
    t.match(server.errors, why)
  }
  const nosuch = new Server(t, ['nosuch'])
  t.equal(await nosuch.ended, 125)
  t.match(nosuch.errors, /there is no environment "nosuch"/)
})

t.test('a hostile testbed writes nowhere but to the place that it is copied to, and makes no device there', async t => {
  const directory = scratch(t)
  const {server, run} = await open(t)
  const up = join(directory, 'up')
  writeFileSync(join(directory, 'secret'), 'untouched\n')
  /** In the place of the testbed's tar. */
  const says = (python: string) =>
    run(['sh', '-c', `cat >/usr/local/bin/tar && chmod +x /usr/local/bin/tar`], {
      input: `#!/usr/bin/perl\nuse strict; binmode STDOUT;
sub member { my ($name, $type, $link, $text, $major, $minor, $mode) = @_;
  my $h = pack('a100a8a8a8a12a12a8a1a100a6a2a32a32a8a8a155', $name, sprintf('%07o', $mode // 0666), '0000000', '0000000', sprintf('%011o', length $text), '00000000000',
    ' ' x 8, $type, $link, "ustar", '00', 'root', 'root', sprintf('%07o', $major // 0), sprintf('%07o', $minor // 0), '');
  $h .= "\\0" x (512 - length $h); substr($h, 148, 8) = sprintf("%06o\\0 ", unpack('%32C*', $h));
  print $h, $text, "\\0" x (-length($text) % 512) }
${python}
print "\\0" x 1024;\n`,
    })
  await says(`member('out', 2, '${directory}', ''); member('file', 0, '', 'good'); member('disk', 4, '', '', 8, 0); member('fifo', 6, '', '');
    member('suid', 0, '', 'x', 0, 0, 06755);`)
  const answer = await server.ask(`copyup /tmp/ ${up}/`).catch(error => String(error))
  t.notOk(existsSync(join(up, 'disk')), answer)
  if (answer === 'ok') t.same(readdirSync(up).sort(), ['file', 'out', 'suid'])
  const again = await open(t)
  await again.run(['sh', '-c', 'true'])
  mkdirSync(join(directory, 'twice'), {recursive: true})
  symlinkSync(directory, join(directory, 'twice/out'))
  symlinkSync(join(directory, 'secret'), join(directory, 'twice/name'))
  await again.run(['sh', '-c', 'mkdir -p /tmp/t/out && echo evil >/tmp/t/out/secret && echo evil >/tmp/t/name'])
  await again.server.ask(`copyup /tmp/t/name ${directory}/twice/name`)
  await again.server.ask(`copyup /tmp/t/ ${directory}/twice/`).catch(() => undefined)
  t.equal(readFileSync(join(directory, 'secret'), 'utf8'), 'untouched\n')
})

t.test('a server that copies what never ends can be told to end', async t => {
  const directory = scratch(t)
  const {server, run} = await open(t)
  await run(['mkfifo', '/tmp/fifo'])
  server.child.stdin.write(`copyup /tmp/fifo ${directory}/x\n`)
  await pause(1000)
  server.child.kill('SIGTERM')
  t.equal(await Promise.race([server.ended, pause(15_000)]), 143)
  t.same(known(), [])
  t.same(readdirSync(directory), [])
})

t.test('names of any kind are copied, and a command that could not be run is told apart from one that failed', async t => {
  const directory = scratch(t)
  const {server, run} = await open(t)
  for (const name of ['a b', '-rf', '$(id)', "it's", 'ä\u00a0ö', 'a\nb', '%41', ';ls', '*']) {
    writeFileSync(join(directory, name), name)
    const [from, there, back] = [join(directory, name), `/tmp/${name}`, join(directory, `back-${name}`)].map(encodeURIComponent)
    t.equal(await server.ask(`copydown ${from} ${there}`), 'ok', name)
    t.equal(await server.ask(`copyup ${there} ${back}`), 'ok', name)
    t.equal(readFileSync(join(directory, `back-${name}`), 'utf8'), name)
  }
  t.match(await run(['sh', '-c', 'exit 125']), {exitCode: 125})
  t.equal(await server.ask('close'), 'ok')
  t.match(await run(['true']), {exitCode: 254, stderr: /there is no session/})
})
