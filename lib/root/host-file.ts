import {closeSync, openSync, readFileSync, readSync, type Stats} from 'node:fs'
import {parseElf} from '../core/elf/header.js'
import type {HostFile} from './layout-rules.js'

/** Directories with files that may name the host, or be its programs. dpkg's database is treated on its own. */
const LOOKED_INTO = /^\/(etc|usr\/(bin|sbin|games|lib|lib32|lib64|libx32|libexec))\//

const MAX_TEXT = 1 << 18

/** What a file is to the rules, by the path that it has in a merged /usr; undefined for a device and its like. */
export function describeFile(file: string, path: string, stats: Stats): HostFile | undefined {
  if (stats.isDirectory()) return {path, kind: 'directory', content: {kind: 'other'}}
  if (stats.isSymbolicLink()) return {path, kind: 'link', content: {kind: 'other'}}
  if (!stats.isFile()) return undefined
  return {path, kind: 'file', content: LOOKED_INTO.test(path) ? contentOf(file, stats.size) : {kind: 'other'}}
}

export function contentOf(path: string, size: number): HostFile['content'] {
  const head = Buffer.alloc(4096)
  const file = openSync(path, 'r')
  const length = readSync(file, head, 0, head.length, 0)
  closeSync(file)
  const header = parseElf(head.subarray(0, length))
  if (header) return {kind: 'elf', header}
  if (size > MAX_TEXT || head.subarray(0, length).includes(0)) return {kind: 'other'}
  return {kind: 'text', text: readFileSync(path, 'utf8')}
}
