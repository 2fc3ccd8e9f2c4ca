// Runs one command to its end, or ends it: nothing it started outlives it.
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'

const GRACE = 5000

/** Ends what runs now; for a runner that is itself told to stop. @type {Set<() => void>} */
export const running = new Set()

/**
 * Shows the output as it comes and gives it back too.
 * @param {string[]} command @param {Record<string, string>} variables @param {number} milliseconds
 * @returns {Promise<{ ok: boolean, output: string, timedOut: boolean }>}
 */
export function runCommand([program, ...args], variables, milliseconds) {
  // Inherited by every descendant, so that one which left the process group (a browser) is found as well.
  const mark = `MY_MIMIC_RUN=${randomUUID()}`
  const [key, value] = mark.split('=')
  return new Promise(resolve => {
    const child = spawn(program, args, {
      detached: true,
      env: { ...process.env, ...variables, [key]: value },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    let timedOut = false
    for (const [from, to] of /** @type {const} */ ([
      [child.stdout, process.stdout],
      [child.stderr, process.stderr],
    ])) {
      from.setEncoding('utf8')
      from.on('data', text => {
        output += text
        to.write(text)
      })
    }

    const stop = () => {
      signalGroup(child.pid, 'SIGTERM')
      setTimeout(() => sweep(child.pid, mark), GRACE).unref()
    }
    running.add(stop)
    const timer = setTimeout(() => {
      timedOut = true
      console.error(`${program} ran for ${milliseconds / 60_000} minutes and is ended`)
      stop()
    }, milliseconds)

    // 'close' would wait for a descendant that holds the pipes; 'exit' comes first, and the sweep closes them.
    child.on('exit', () => sweep(child.pid, mark))
    child.on('error', error => {
      output += error.message
      console.error(`could not start ${program}: ${error.message}`)
      finish(false)
    })
    child.on('close', code => finish(code === 0 && !timedOut))

    /** @param {boolean} ok */
    function finish(ok) {
      clearTimeout(timer)
      running.delete(stop)
      resolve({ ok, output, timedOut })
    }
  })
}

/** @param {number | undefined} pid @param {NodeJS.Signals} signal */
function signalGroup(pid, signal) {
  if (pid === undefined) return
  try {
    process.kill(-pid, signal)
  } catch {
    // The group is gone.
  }
}

/** @param {number | undefined} pid @param {string} mark */
function sweep(pid, mark) {
  signalGroup(pid, 'SIGKILL')
  if (process.platform !== 'linux') return
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    try {
      if (!readFileSync(`/proc/${entry}/environ`, 'latin1').split('\0').includes(mark)) continue
      process.kill(Number(entry), 'SIGKILL')
    } catch {
      // It ended meanwhile, or is another user's.
    }
  }
}
