// `npm run fmt`: formats Rust and JavaScript, and applies the linter's safe fixes.
import { spawnSync } from 'node:child_process'
import { biome } from './suites.js'

for (const [program, ...args] of [
  ['cargo', 'fmt', '--all'],
  [...biome, 'check', '--write'],
]) {
  const { status } = spawnSync(program, args, { stdio: 'inherit' })
  if (status !== 0) process.exitCode = 1
}
