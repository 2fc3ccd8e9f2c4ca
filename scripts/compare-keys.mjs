// Asks this package and the published ones the same question about every pair of tests/matrix: is the second call the first one again?
// A package that throws is wrong there too; so is one that takes longer than the limit. `--list` names the wrong pairs, `--only` a package.
import { fork } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { pairs } from '../tests/matrix/pairs.mjs'
import { peers } from '../tests/matrix/peers.mjs'

const ASK = new URL('../tests/matrix/ask.mjs', import.meta.url)
const { values: options } = parseArgs({
  options: {
    list: { type: 'boolean', default: false },
    only: { type: 'string' },
    seconds: { type: 'string', default: '10' },
  },
})
const limit = Number(options.seconds) * 1000

/**
 * One process answers until it is done, hangs or dies.
 * @param {import('../tests/matrix/peers.mjs').Peer} peer
 * @param {number} from index of the first pair
 * @param {string[]} answers filled in
 * @returns {Promise<{ index: number, end: string }>} the first pair without an answer, and why it has none
 */
function ask(peer, from, answers) {
  return new Promise(resolve => {
    let index = from
    let end = 'dies'
    const execArgv = ['--max-old-space-size=1024']
    const child = fork(ASK, [peer.name, String(from)], { execArgv, stdio: 'ignore' })
    const hung = () => {
      end = 'hangs'
      child.kill('SIGKILL')
    }
    let timer = setTimeout(hung, limit)
    child.on('message', answer => {
      clearTimeout(timer)
      timer = setTimeout(hung, limit)
      answers[index++] = String(answer)
    })
    child.on('exit', () => {
      clearTimeout(timer)
      resolve({ index, end })
    })
  })
}

/** A pair that ends the process is asked once more, in a fresh one. @param {import('../tests/matrix/peers.mjs').Peer} peer */
async function askAll(peer) {
  /** @type {string[]} */
  const answers = []
  for (let next = 0; next < pairs.length; ) {
    const first = await ask(peer, next, answers)
    if (first.index === pairs.length) break
    const second = await ask(peer, first.index, answers)
    if (second.index === first.index) answers[second.index++] = second.end
    next = second.index
  }
  return answers
}

/** @param {string} name */
function versionOf(name) {
  const path = name === 'my-mimic' ? '../package.json' : `../node_modules/${name}/package.json`
  return JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')).version
}

const chosen = peers.filter(peer => options.only === undefined || peer.name.includes(options.only))
const rows = []
for (const [i, peer] of chosen.entries()) {
  process.stderr.write(`\r\x1b[K${i + 1}/${chosen.length} ${peer.name}`)
  rows.push({ peer, answers: await askAll(peer) })
}
process.stderr.write('\r\x1b[K')

const KINDS = ['right', 'false hit', 'false miss', 'throws', 'hangs', 'dies']
console.log(`${pairs.length} pairs of calls, by the contract of my-mimic; Node ${process.versions.node}`)
console.log('A false hit gives the result of another call, a false miss runs the function again.\n')
console.log(`| package | version | wrong | ${KINDS.join(' | ')} |`)
console.log(`|---|---|--:|${KINDS.map(() => '--:').join('|')}|`)
for (const { peer, answers } of rows) {
  const counts = KINDS.map(kind => answers.filter(answer => answer === kind).length)
  console.log(`| ${[peer.name, versionOf(peer.package), pairs.length - counts[0], ...counts].join(' | ')} |`)
}

if (options.list) {
  for (const { peer, answers } of rows) {
    console.log(`\n## ${peer.name}\n`)
    for (const [i, answer] of answers.entries()) {
      const { same, why } = pairs[i]
      if (answer !== 'right') console.log(`- ${answer}: ${same ? 'same' : 'distinct'}, ${why}`)
    }
  }
}
