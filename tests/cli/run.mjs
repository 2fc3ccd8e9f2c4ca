import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** Runs the command as a user would, in a process of its own. */

export const MAIN = fileURLToPath(new URL('../../js/cli/main.js', import.meta.url))

/**
 * @param {string[]} args
 * @param {{ cwd?: string, input?: string | Buffer }} [options]
 * @returns {Promise<{ code: number | null, out: string, err: string }>}
 */
export function run(args, { cwd, input = '' } = {}) {
  const started = spawn(process.execPath, [MAIN, ...args], { cwd })
  const timer = setTimeout(() => started.kill('SIGKILL'), 60_000)
  let [out, err] = ['', '']
  started.stdout.setEncoding('utf8').on('data', text => (out += text))
  started.stderr.setEncoding('utf8').on('data', text => (err += text))
  // It may end without having read it.
  started.stdin.on('error', () => {}).end(input)
  return new Promise((resolve, reject) => {
    started.on('error', reject).on('close', code => {
      clearTimeout(timer)
      resolve({ code, out, err })
    })
  })
}

/** What it says for scripts. @param {string[]} args @param {{ cwd?: string, input?: string }} [options] */
export async function json(args, options) {
  const { code, out, err } = await run([...args, '--json'], options)
  return { code, err, ...(out === '' ? {} : JSON.parse(out)) }
}
