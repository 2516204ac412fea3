import {readdirSync, readFileSync} from 'node:fs'
import {join, relative} from 'node:path'
import t from 'tap'
import {PROJECT} from './sources.js'

/** Made, or of others. */
const NOT_OURS = ['.git', '.tap', 'dist', 'node_modules']

/** All text files of the project. */
function textFiles(directory: string): string[] {
  return readdirSync(directory, {withFileTypes: true}).flatMap(entry => {
    const path = join(directory, entry.name)
    if (NOT_OURS.includes(entry.name)) return [] // .git is a file in a worktree
    if (entry.isDirectory()) return textFiles(path)
    return entry.isFile() && !readFileSync(path).includes(0) ? [path] : []
  })
}

const files = textFiles(PROJECT)

/** Lines that match, as `file:line: text`. */
const mentions = (pattern: RegExp) =>
  files.flatMap(path =>
    readFileSync(path, 'utf8')
      .split('\n')
      .flatMap((line, i) => (pattern.test(line) ? [`${relative(PROJECT, path)}:${i + 1}: ${line.trim().slice(0, 100)}`] : [])),
  )

t.test('no file names a path of the machine that it was written on', async t => {
  t.ok(files.length > 0)
  // Absolute only: overlayfs has a directory of that name too. In brackets, so that these lines are none of them.
  t.same(mentions(/(?<![\w.}$*-])\/(wor[k]|far[m])\//), [])
})

t.test('no file names a registry that packages come from', async t => {
  t.same(mentions(/https?:\/\/[^/\s"']*(registr[y]|artifactor[y]|nexu[s]|npm(js)?\.|verdacci[o]|pypi\.|crates\.io)/), [])
})
