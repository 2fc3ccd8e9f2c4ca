import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Recorded traces, and what the core makes of them. */

export const root = fileURLToPath(new URL('../..', import.meta.url))

/** @param {string} script who asks @param {string | undefined} named by the user @returns {string} a folder of traces; ends the process where there is none */
export function traceFolder(script, named) {
  const folder = named ?? process.env.MIMIC_TRACES ?? join(root, '..', 'shared', 'traces')
  const baselines = join(folder, 'baselines.csv')
  if (existsSync(baselines)) return folder
  console.error(
    `${script}: there is no ${baselines}; name the folder of the traces with --traces or MIMIC_TRACES`,
  )
  process.exit(2)
}

/** @param {string} folder @returns {Record<string, string>[]} the lines of baselines.csv by column */
export function baselinesOf(folder) {
  const [head, ...lines] = readFileSync(join(folder, 'baselines.csv'), 'utf8')
    .trim()
    .split('\n')
    .map(line => line.trim().split(','))
  return lines.map(line => Object.fromEntries(line.map((cell, i) => [head[i], cell])))
}

/** @param {string} folder @param {string} trace @returns {Uint32Array} a key id for each request */
export function requestsOf(folder, trace) {
  const { stdout, status, error } = spawnSync('xz', ['-dc', join(folder, `${trace}.u32.xz`)], {
    maxBuffer: 2 ** 30,
  })
  if (status !== 0) throw new Error(`${trace}: xz failed${error ? ` (${error.message})` : ''}`)
  return new Uint32Array(stdout.buffer.slice(stdout.byteOffset, stdout.byteOffset + stdout.length))
}

/**
 * The core itself, natively: bench/hits/.
 * @param {string} script @param {string} folder @param {string} [only] part of a trace's name
 * @returns {{ trace: string, capacity: number, requests: number, hits: number }[]}
 */
export function replayNatively(script, folder, only = '') {
  const args = ['run', '--release', '--locked', '--quiet', '--package', 'hits', '--', resolve(folder)]
  const { stdout, status, error } = spawnSync('cargo', [...args, only], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (error) console.error(`${script}: could not start cargo (${error.message})`)
  if (status !== 0) process.exit(status ?? 1)
  if (stdout === '') {
    console.error(`${script}: no trace has ${only} in its name`)
    process.exit(2)
  }
  return stdout
    .trim()
    .split('\n')
    .map(line => line.split(','))
    .map(([trace, ...numbers]) => {
      const [capacity, requests, hits] = numbers.map(Number)
      return { trace, capacity, requests, hits }
    })
}
