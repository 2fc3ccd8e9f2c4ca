import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))

/**
 * Runs a program of bench/hits/, which has the core itself.
 * @param {string} script who asks; the process ends where cargo or the program fails
 * @param {string[]} args of `cargo run`
 * @returns {string[][]} what it printed: cells by line
 */
export function runNatively(script, args) {
  const run = ['run', '--release', '--locked', '--quiet', '--package', 'hits']
  const { stdout, status, error } = spawnSync('cargo', [...run, ...args], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (error) console.error(`${script}: could not start cargo (${error.message})`)
  if (status !== 0) process.exit(status ?? 1)
  return stdout
    .split('\n')
    .filter(line => line !== '')
    .map(line => line.split(','))
}
