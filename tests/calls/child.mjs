import { fork } from 'node:child_process'

const ASK = new URL('./ask.mjs', import.meta.url)

/**
 * One scenario against one package, in a process of its own.
 * @param {string} name of the package
 * @param {number} index of the scenario
 * @param {number} [limit] milliseconds, for what even a timer cannot end
 * @returns {Promise<string>} 'right', '–', or what happened
 */
export function ask(name, index, limit = 60_000) {
  return new Promise(resolve => {
    let answer = 'dies'
    const child = fork(ASK, [name, String(index)], { stdio: 'ignore' })
    const end = last => {
      answer = last
      child.kill('SIGKILL')
    }
    const timer = setTimeout(end, limit, 'hangs')
    child.on('message', end)
    // Everything that was sent has arrived; the exit alone may come before it.
    child.on('disconnect', () => {
      clearTimeout(timer)
      resolve(answer)
    })
  })
}
