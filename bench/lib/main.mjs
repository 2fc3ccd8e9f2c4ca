import { spawnSync } from 'node:child_process'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { run } from './cases.mjs'

/**
 * Runs the cases of a bench file, each in a process of its own, so that none finds what another taught the compiler.
 *
 *     --only name   the cases whose name contains it, in this process
 *     --json        one line of JSON a case, nothing else
 *     --rounds n    rounds a contender; 11 without it
 *
 * @param {string} url of the bench file
 * @param {import('./cases.mjs').Case[]} cases
 * @param {(results: Result[]) => void} print
 *
 * @typedef {Awaited<ReturnType<typeof run>>} Result
 */
export async function main(url, cases, print) {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      exactly: { type: 'string' },
      json: { type: 'boolean' },
      rounds: { type: 'string', default: '11' },
    },
  })
  const rounds = Math.max(9, Number(values.rounds))
  if (values.exactly !== undefined) {
    const one = cases.find(({ name }) => name === values.exactly)
    if (one) console.log(JSON.stringify(await run(one, { rounds })))
    return
  }
  const chosen = cases.filter(({ name }) => values.only === undefined || name.includes(values.only))
  /** @type {Result[]} */
  const results = []
  for (const [i, { name }] of chosen.entries()) {
    progress(`${i + 1}/${chosen.length} ${name}`)
    const result = inOwnProcess(url, name, rounds)
    if (values.json) console.log(JSON.stringify(result))
    results.push(result)
  }
  progress('')
  if (values.json) return
  console.log(
    `CPU time a call, median of ${rounds} rounds; Node ${process.versions.node}, ${cpus()[0]?.model ?? 'unknown'}`,
  )
  print(results)
}

/** @param {string} url @param {string} name @param {number} rounds @returns {Result} */
function inOwnProcess(url, name, rounds) {
  const args = [fileURLToPath(url), '--exactly', name, '--rounds', String(rounds)]
  const { stdout, status } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 2 ** 26,
  })
  if (status !== 0) throw new Error(`${name} failed`)
  return JSON.parse(stdout)
}

/** @param {string} text */
function progress(text) {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`)
  else if (text) process.stderr.write(`${text}\n`)
}
