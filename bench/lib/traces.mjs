import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { root, runNatively } from './native.mjs'

/** Recorded traces, and what the core makes of them. */

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
  const lines = runNatively(script, ['--', resolve(folder), only])
  if (lines.length === 0) {
    console.error(`${script}: no trace has ${only} in its name`)
    process.exit(2)
  }
  return lines.map(([trace, ...numbers]) => {
    const [capacity, requests, hits] = numbers.map(Number)
    return { trace, capacity, requests, hits }
  })
}
