// Runs every scenario of tests/calls against this package and the published ones, each in a process of its own, and prints a table. `--list`
// says what happened in the wrong ones, `--only` picks a package, `--jobs` is how many processes run at once, `--readme` puts the table into
// the README.
import { readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { ask } from '../tests/calls/child.mjs'
import { peers } from '../tests/calls/peers.mjs'
import { lacks } from '../tests/calls/run.mjs'
import { groups, scenarios } from '../tests/calls/scenarios.mjs'

const README = new URL('../README.md', import.meta.url)
const [BEGIN, END] = ['<!-- npm run compare:calls -- --readme -->', '<!-- end of compare:calls -->']
const MARKS = { right: '✓', '–': '–' }

const { values: options } = parseArgs({
  options: {
    list: { type: 'boolean', default: false },
    readme: { type: 'boolean', default: false },
    only: { type: 'string' },
    // Most of their time is waiting.
    jobs: { type: 'string', default: String(2 * availableParallelism()) },
  },
})
const chosen = peers.filter(peer => options.only === undefined || peer.name.includes(options.only))

/** The answers of every chosen package, in the order of the scenarios. @returns {Promise<string[][]>} */
async function askAll() {
  const loaded = await Promise.all(chosen.map(peer => peer.load()))
  const answers = loaded.map(peer => scenarios.map(scenario => (lacks(scenario, peer) ? '–' : '')))
  const questions = answers.flatMap((given, i) => given.flatMap((answer, j) => (answer ? [] : [[i, j]])))
  const total = questions.length
  let done = 0
  const work = async () => {
    for (let next = questions.shift(); next !== undefined; next = questions.shift()) {
      const [i, j] = next
      answers[i][j] = await ask(chosen[i].name, j)
      process.stderr.write(`\r\x1b[K${++done}/${total} ${chosen[i].name}`)
    }
  }
  await Promise.all(Array.from({ length: Math.max(1, Number(options.jobs)) }, work))
  process.stderr.write('\r\x1b[K')
  return answers
}

/** @param {string} name */
function versionOf(name) {
  const path = name === 'my-mimic' ? '../package.json' : `../node_modules/${name}/package.json`
  return JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')).version
}

const row = cells => `| ${cells.join(' | ')} |`
const mark = answer => MARKS[answer] ?? '✗'

/** One row a package. @param {string[][]} answers */
function summary(answers) {
  const lines = [row(['package', 'version', 'wrong', 'right', 'no such feature']), '|---|---|--:|--:|--:|']
  for (const [i, { name, package: from }] of chosen.entries()) {
    const count = sign => answers[i].filter(answer => mark(answer) === sign).length
    lines.push(row([name, versionOf(from), count('✗'), count('✓'), count('–')]))
  }
  return lines.join('\n')
}

/** One row a scenario. @param {string[][]} answers */
function table(answers) {
  const lines = [row(['', ...chosen.map(peer => peer.name)]), `|---|${':-:|'.repeat(chosen.length)}`]
  let index = 0
  for (const { title, scenarios: inGroup } of groups) {
    lines.push(row([`**${title}**`, ...chosen.map(() => '')]))
    for (const { what } of inGroup) {
      lines.push(row([what.replaceAll('|', '\\|'), ...answers.map(given => mark(given[index]))]))
      index++
    }
  }
  return lines.join('\n')
}

/** @param {string[][]} answers */
function report(answers) {
  const head = `${scenarios.length} scenarios, by the contract of my-mimic; Node ${process.versions.node}. ✓ right, ✗ wrong, – no such feature.`
  return `${head}\n\n${summary(answers)}\n\n<details>\n<summary>Scenario by scenario</summary>\n\n${table(answers)}\n\n</details>`
}

/** @param {string} text */
function putIntoReadme(text) {
  const readme = readFileSync(README, 'utf8')
  const [from, to] = [readme.indexOf(BEGIN), readme.indexOf(END)]
  if (from < 0 || to < from) throw new Error(`README.md needs the lines ${BEGIN} and ${END}`)
  writeFileSync(README, `${readme.slice(0, from)}${BEGIN}\n\n${text}\n\n${readme.slice(to)}`)
}

const answers = await askAll()
const text = report(answers)
console.log(text)

if (options.list) {
  for (const [i, peer] of chosen.entries()) {
    console.log(`\n## ${peer.name}\n`)
    for (const [j, answer] of answers[i].entries()) {
      if (mark(answer) === '✗') console.log(`- ${scenarios[j].what}: ${answer}`)
    }
  }
}
if (options.readme) {
  if (options.only !== undefined) throw new Error('--readme shows every package; leave --only out')
  putIntoReadme(text)
}
