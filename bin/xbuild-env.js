#!/usr/bin/env node
import {existsSync} from 'node:fs'

const built = path => new URL(`../dist/program/${path}`, import.meta.url)
if (existsSync(built('main.js'))) {
  await import(built('early-signals.js').href)
  const {main} = await import(built('main.js').href)
  await main()
} else {
  process.stderr.write('xbuild-env: not built yet\n  npm ci && npm run build\n')
  process.exitCode = 125
}
