import { indexedDBStore } from '../js/entry/inline.js'
import { showCall } from './calls.js'
import { byId, calm, make, painted } from './dom.js'
import { DRAWINGS, drawError } from './draw.js'
import { showEntries, survived, tickEntries } from './entries.js'
import { SPECS } from './functions.js'
import { Lab } from './lab.js'
import { parseArguments, ReadError } from './parse.js'
import { save, settings, ttlOf } from './settings.js'
import { duration, kindOf, show, showArguments } from './show.js'
import { Stored } from './stored.js'
import { Timeline } from './timeline.js'
import { Watch } from './watch.js'

const store = indexedDBStore({ name: 'my-mimic page' })
const watch = new Watch(store)
const timeline = new Timeline(byId('timeline'))
const input = byId('args')
const VERDICTS = {
  ran: 'Miss: the function ran',
  joined: 'Joined a call that was running',
  stored: 'Hit: IndexedDB kept it',
  memory: 'Hit: out of memory',
}

/** @type {Lab} */
let lab
/** Its entries are listed. @type {Promise<void>} */
let recalled
if (!SPECS[settings.chosen]) settings.chosen = 'weather'
store.on('unavailable', () => say('IndexedDB cannot be used here: results last until the page goes.'))
makeChoices()
await store.ready
open()
await recalled
new Stored(store)
store.on('forgotten', event => {
  if (lab.forgotten(event)) refresh()
})
const kept = [...lab.entries.values()].filter(survived).length
if (kept === 1) say('↻ 1 result survived the reload: IndexedDB kept it. Call it, and nothing runs.')
if (kept > 1) say(`↻ ${kept} results survived the reload: IndexedDB kept them. Call one, and nothing runs.`)
document.documentElement.dataset.ready = 'yes'

/** What was chosen for the function at hand. */
function chosen() {
  const name = settings.chosen
  return (settings.by[name] ??= {
    name,
    ttl: name === 'weather' ? '30s' : '5m',
    text: SPECS[name].examples[0],
  })
}

function makeChoices() {
  for (const [name, { kind }] of Object.entries(SPECS)) {
    const radio = make('input', {
      type: 'radio',
      name: 'function',
      value: name,
      checked: name === settings.chosen,
    })
    radio.addEventListener('change', () => {
      settings.chosen = name
      open()
    })
    byId('functions').append(
      make(
        'label',
        { class: 'choice' },
        radio,
        make('span', {}, make('b', {}, name), make('small', {}, kind)),
      ),
    )
  }
}

/** Shows the chosen function and wraps it anew. */
function open() {
  const spec = SPECS[settings.chosen]
  const { name, ttl, text } = chosen()
  byId('about').textContent = spec.about
  byId('fn-name').textContent = settings.chosen
  byId('name').value = name
  byId('ttl').value = ttl
  input.value = text
  byId('examples').replaceChildren(...spec.examples.map(makeExample))
  byId('verdict').textContent = ''
  byId('answer').replaceChildren(
    make('p', { class: 'quiet' }, `Nothing has been asked of ${settings.chosen} yet.`),
  )
  byId('calls').replaceChildren()
  wrap()
  read()
}

/** @param {string} example */
function makeExample(example) {
  const button = make('button', { type: 'button', class: 'chip' }, example || '(no arguments)')
  button.addEventListener('click', () => {
    input.value = example
    read()
    callOnce()
  })
  return button
}

/** Wraps the function; a bad name or ttl is said in the library's words, and the function stays as it was. */
function wrap(wanted = chosen()) {
  const { name, ttl } = wanted
  let next
  try {
    next = new Lab(name, SPECS[settings.chosen], ttlOf(ttl), watch)
  } catch (error) {
    byId('problem').textContent = /** @type {Error} */ (error).message
    return
  }
  lab = next
  recalled = next.recall().then(refresh)
  Object.assign(chosen(), { name, ttl })
  save()
  byId('problem').textContent = ''
  byId('wrap').textContent =
    `mime(${settings.chosen}, { name: ${show(name)}, ttl: ${show(ttlOf(ttl))}, store: indexedDBStore() })`
  refresh()
}

/** Reads what is typed and says how it was understood. @returns {any[] | undefined} */
function read() {
  input.style.height = 'auto'
  input.style.height = `${input.scrollHeight}px`
  try {
    const args = parseArguments(input.value)
    const kinds = args.map(value => make('span', { class: 'kind' }, kindOf(value)))
    byId('reading').replaceChildren(
      ...(kinds.length > 0 ? kinds : [make('span', { class: 'kind' }, 'no arguments')]),
    )
    input.removeAttribute('aria-invalid')
    chosen().text = input.value
    return args
  } catch (error) {
    if (!(error instanceof ReadError)) throw error
    const { message, at } = error
    const rest = input.value.slice(at, at + 12)
    byId('reading').replaceChildren(
      make('span', { class: 'problem' }, `${message}${rest ? `: ${rest}` : ''}`),
    )
    input.setAttribute('aria-invalid', 'true')
    return undefined
  } finally {
    for (const id of ['call', 'ten', 'invalidate']) byId(id).disabled = input.hasAttribute('aria-invalid')
  }
}

/** @param {any[] | undefined} [args] */
async function callOnce(args = read()) {
  if (args === undefined) return
  save()
  byId('verdict').className = 'verdict waiting'
  byId('verdict').textContent = 'Calling …'
  const [drawing, asked] = [settings.chosen, lab]
  await painted()
  const call = await oneCall(args, asked)
  if (drawing !== settings.chosen) return
  const time = duration((call.end ?? 0) - call.start)
  byId('verdict').className = `verdict ${call.outcome}`
  byId('verdict').textContent =
    call.error === undefined ? `${VERDICTS[call.outcome]}, ${time}` : `It failed after ${time}`
  showAnswer(drawing, call)
}

/** @param {string} name the function's @param {import('./lab.js').Call} call */
function showAnswer(name, { error, value }) {
  byId('answer').replaceChildren(...(error === undefined ? DRAWINGS[name](value) : drawError(error)))
  // On a phone it is below the fold.
  if (innerWidth < 900) {
    byId('answer').parentElement.scrollIntoView({
      block: 'nearest',
      behavior: calm.matches ? 'auto' : 'smooth',
    })
  }
}

/** @param {any[]} args */
async function oneCall(args, asked = lab) {
  let isShown = false
  const call = await asked.call(args, begun => {
    isShown = true
    timeline.add(begun)
  })
  if (!isShown) timeline.add(call)
  showCall(call)
  refresh()
  return call
}

/** Ten callers ask at the same moment: at most one run. */
async function callTen() {
  const args = read()
  if (args === undefined) return
  save()
  byId('verdict').className = 'verdict waiting'
  byId('verdict').textContent = '10 callers wait …'
  const [drawing, asked] = [settings.chosen, lab]
  await painted()
  const before = asked.numbers()
  const calls = await Promise.all(Array.from({ length: 10 }, () => oneCall(args, asked)))
  if (drawing !== settings.chosen) return
  const ran = asked.numbers().ran - before.ran
  const rest = calls.filter(call => call.outcome !== 'ran')
  const how = rest.some(call => call.outcome === 'joined') ? 'joined it' : 'found it remembered'
  byId('verdict').className = `verdict ${ran > 0 ? 'joined' : 'memory'}`
  byId('verdict').textContent = `10 callers, ${ran} ${ran === 1 ? 'run' : 'runs'}: ${rest.length} ${how}`
  showAnswer(drawing, calls[0])
}

function refresh() {
  const { ran, joined, stored, memory, saved } = lab.numbers()
  const numbers = [
    ['ran', ran],
    ['joined', joined],
    ['IndexedDB', stored, 'stored'],
    ['memory', memory],
  ]
  const tiles = numbers.map(([label, n, color = label]) =>
    make('div', { class: `${color}` }, make('dt', {}, label), make('dd', {}, String(n))),
  )
  tiles.push(
    make(
      'div',
      { class: 'saved' },
      make('dt', {}, 'time saved'),
      make('dd', {}, saved > 0 ? duration(saved) : '–'),
    ),
  )
  byId('numbers').replaceChildren(...tiles)
  showEntries(lab.entries.values(), {
    call: entry => {
      input.value = entry.text
      read()
      callOnce(entry.args)
    },
    invalidate: entry => {
      lab.invalidate(entry.args)
      refresh()
    },
  })
}

/** @param {string} text */
function say(text) {
  byId('banner').textContent = text
  byId('banner').hidden = false
}

byId('form').addEventListener('submit', event => {
  event.preventDefault()
  callOnce()
})
input.addEventListener('input', read)
addEventListener('resize', read)
input.addEventListener('keydown', event => {
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
  event.preventDefault()
  callOnce()
})
byId('ten').addEventListener('click', callTen)
byId('invalidate').addEventListener('click', () => {
  const args = read()
  if (args === undefined) return
  const known = lab.invalidate(args)
  byId('verdict').className = 'verdict'
  byId('verdict').textContent = known
    ? `Invalidated ${showArguments(args) || '()'}: the next call runs`
    : 'There was nothing to invalidate'
  refresh()
})
byId('clear').addEventListener('click', () => {
  lab.clear()
  refresh()
})
byId('reload').addEventListener('click', async () => {
  await lab.fn.flush()
  location.reload()
})
for (const id of /** @type {const} */ (['name', 'ttl'])) {
  byId(id).addEventListener('change', () => {
    wrap({ ...chosen(), name: byId('name').value, ttl: byId('ttl').value })
  })
}

setInterval(
  () => {
    if (lab.sweep()) refresh()
    else tickEntries()
  },
  calm.matches ? 1000 : 250,
)
