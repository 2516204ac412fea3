import {cpSync, readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import t from 'tap'
import {PROFILE, scratch, xbuild} from './rig.js'

/** An environment of the test's own, with Ada: 170 MB. */
const NAME = 'ada'

const SOURCE = `with Ada.Text_IO; with Ada.Containers.Vectors;
procedure Hello is
   package Numbers is new Ada.Containers.Vectors (Positive, Integer);
   All_Of_Them : Numbers.Vector;
begin
   for I in 1 .. 10 loop All_Of_Them.Append (I * I); end loop;
   for Each of All_Of_Them loop Ada.Text_IO.Put_Line (Integer'Image (Each)); end loop;
end Hello;
`

t.before(async () => {
  await xbuild(['create', PROFILE, '--name', NAME])
})
t.teardown(() => xbuild(['remove', NAME]))

t.test('a program in Ada comes out the same in both modes, with debugging information of the target’s own sources', async t => {
  const installed = await xbuild(['install', NAME, 'gnat'])
  t.equal(installed.exitCode, 0, installed.stderr)
  const {routing} = JSON.parse((await xbuild(['info', NAME, '--json'])).stdout)
  const routed = (routing.routes as {path: string}[]).map(({path}) => path)
  for (const name of [/\/gnat1$/, /-gnatmake-/, /-gnatbind-/, /-gnatlink-/])
    t.ok(
      routed.some(path => name.test(path)),
      String(name),
    )
  const work = scratch(t)
  writeFileSync(join(work, 'hello.adb'), SOURCE)
  const outputs: Map<string, Buffer>[] = []
  for (const mode of ['hybrid', 'emulated']) {
    // In one directory, with one time: both are in what is made.
    const script =
      'rm -rf b && mkdir b && cp -p hello.adb b && cd b && gnatmake -g hello && ./hello && gnatbind -x hello.ali && objcopy -R .comment hello.o'
    const built = await xbuild(['run', NAME, '--ephemeral', '--mode', mode, '--', 'sh', '-c', script], {cwd: work})
    t.equal(built.exitCode, 0, built.stderr)
    t.match(built.stdout, / 81\n 100\n/)
    cpSync(join(work, 'b'), join(work, mode), {recursive: true})
    const names = ['hello.o', 'hello.ali', 'b~hello.adb', 'b~hello.ads']
    outputs.push(
      new Map(readdirSync(join(work, mode)).flatMap(name => (names.includes(name) ? [[name, readFileSync(join(work, mode, name))]] : []))),
    )
  }
  const [hybrid, emulated] = outputs
  t.equal(hybrid?.size, 4)
  for (const [name, bytes] of hybrid ?? []) t.ok(bytes.equals(emulated?.get(name) as Buffer), `${name} is the same`)
})
