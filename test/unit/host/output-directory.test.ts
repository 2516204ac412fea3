import {mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync, writeSync} from 'node:fs'
import {join} from 'node:path'
import t from 'tap'
import {OutputDirectory, writerIn} from '../../../lib/host/output-directory.js'

const [own, other] = [writerIn('/home/ada/data'), writerIn('/home/ada/other')]
const put = (output: OutputDirectory, path: string) => output.put(path, async fd => void writeSync(fd, 'whole'))

/** Like a process that is killed: what it was writing stays. */
async function killed(directory: string, path: string, writer: string): Promise<string> {
  const output = new OutputDirectory(directory, '.', writer)
  const parent = join(directory, path, '..')
  return new Promise(resolve => {
    void output.put(path, async fd => {
      writeSync(fd, 'half')
      resolve(join(parent, readdirSync(parent).find(name => name.startsWith('.')) ?? 'none'))
      await new Promise(() => {})
    })
  })
}

t.test('what a writer that was killed has half written, the next of the same removes, and nothing else', async t => {
  const directory = t.testdir({below: {kept: 'kept'}})
  const [half, deep] = [await killed(directory, 'file', own), await killed(directory, 'below/file', own)]
  const others = await killed(directory, 'file', other)
  t.same(
    [half, deep, others].map(path => readFileSync(path, 'utf8')),
    ['half', 'half', 'half'],
  )
  const link = half.replace(/\w{4}$/, 'link')
  symlinkSync('below/kept', join(directory, link.slice(directory.length + 1)))
  mkdirSync(half.replace(/\w{4}$/, 'xdir'))
  writeFileSync(join(directory, '.mine'), '')
  const output = new OutputDirectory(directory, '.', own)
  for (const path of ['file', 'below/file', 'below/second']) await put(output, path)
  output.close()
  const names = readdirSync(directory)
  t.same(names.filter(name => !name.startsWith('.')).sort(), ['below', 'file'])
  t.same(
    names.filter(name => name.startsWith('.')).sort(),
    ['.mine', others.slice(directory.length + 1), `${half.slice(directory.length + 1, -4)}xdir`].sort(),
  )
  t.same(readdirSync(join(directory, 'below')).sort(), ['file', 'kept', 'second'])
  t.equal(readFileSync(join(directory, 'below/kept'), 'utf8'), 'kept')
})
