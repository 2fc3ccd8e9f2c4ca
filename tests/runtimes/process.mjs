/** Processes of the runtimes: each has a group of its own, and nothing of it outlives its test. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** @param {number | undefined} pid the first of a group @param {NodeJS.Signals} signal */
export function signalGroup(pid, signal) {
  if (pid === undefined) return
  try {
    process.kill(-pid, signal)
  } catch {
    // It has ended.
  }
}

/**
 * The processes below one, by what their commands contain.
 * @param {number | undefined} root @param {string} part @returns {number[]}
 */
export function descendants(root, part) {
  /** @type {Map<number, { parent: number, command: string }>} */
  const all = new Map()
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    try {
      const command = readFileSync(`/proc/${name}/cmdline`, 'latin1')
      const parent = Number(readFileSync(`/proc/${name}/status`, 'latin1').match(/PPid:\s+(\d+)/)?.[1])
      all.set(Number(name), { parent, command })
    } catch {
      // It has ended.
    }
  }
  /** @param {number} pid @returns {boolean} */
  const isBelow = pid => {
    const parent = all.get(pid)?.parent
    return parent !== undefined && (parent === root || isBelow(parent))
  }
  return [...all.keys()].filter(pid => all.get(pid)?.command.includes(part) && isBelow(pid))
}

/**
 * Runs a program to its end, or ends it.
 * @param {string} program @param {string[]} args
 * @param {{ cwd?: string, env?: Record<string, string>, timeout?: number }} [options]
 * @returns {Promise<string>} what it printed
 */
export async function run(program, args, { cwd, env, timeout = 45_000 } = {}) {
  const child = spawn(program, args, {
    cwd,
    env: { ...process.env, ...env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  let errors = ''
  child.stdout.setEncoding('utf8').on('data', text => (output += text))
  child.stderr.setEncoding('utf8').on('data', text => (errors += text))
  const timer = setTimeout(() => signalGroup(child.pid, 'SIGKILL'), timeout)
  try {
    const [code, signal] = await once(child, 'close')
    if (code === 0) return output
    throw new Error(`${program} ended with ${signal ?? code}: ${(errors + output).slice(-2000)}`)
  } finally {
    clearTimeout(timer)
    signalGroup(child.pid, 'SIGKILL')
  }
}

/** @returns {Promise<number>} a port that nobody listens on */
export async function freePort() {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  server.close()
  await once(server, 'close')
  return port
}

/**
 * @template T
 * @param {string} what
 * @param {Promise<T>} work
 * @param {number} milliseconds
 * @returns {Promise<T>}
 */
export async function within(what, work, milliseconds) {
  const stop = new AbortController()
  const late = sleep(milliseconds, undefined, { signal: stop.signal }).then(() => {
    throw new Error(`${what} took more than ${milliseconds / 1000} s`)
  })
  late.catch(() => {})
  try {
    return await Promise.race([work, late])
  } finally {
    stop.abort()
  }
}
