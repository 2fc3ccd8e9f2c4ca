import { start } from '../../core.js'
import { invalidOption, MimicError, MimicTypeError } from '../../errors.js'
import { Case } from './case.js'
import { CHECKS } from './checks.js'
import { KINDS } from './kinds.js'

/**
 * One call tests any store, under any runner: `testStore({ name, open })`.
 *
 * @typedef {import('./case.js').Subject} Subject
 * @typedef {(name: string, run: () => Promise<void>) => unknown} Test
 * @typedef {{ name: string, run: () => Promise<void> }} NamedCheck
 */

/** What each option has to be. @type {Record<string, string>} */
const OPTIONS = {
  name: 'string',
  open: 'function',
  remove: 'function',
  sync: 'boolean',
  tags: 'boolean',
  persists: 'boolean',
  times: 'boolean',
  without: 'object',
  patience: 'number',
  test: 'function',
}
const REQUIRED = ['name', 'open']

/**
 * Every check as a test of the runner that runs.
 * @param {Subject & { test?: Test | undefined }} options
 */
export function testStore(options) {
  const checks = storeChecks(options)
  const test = options.test ?? runnersTest()
  for (const { name, run } of checks) test(name, run)
}

/**
 * The same for whoever has no runner, such as a page.
 * @param {Subject & { test?: Test | undefined }} options
 * @returns {NamedCheck[]} each rejects when the store does not do what it says
 */
export function storeChecks(options) {
  const subject = checked(options)
  start()
  return CHECKS.filter(({ when }) => when?.(subject) ?? true).flatMap(check => {
    const modes = check.once || !subject.sync ? [false] : [false, true]
    return modes.map(isSync => ({
      name: `${subject.name}: ${check.name}${isSync ? ', for sync functions' : ''}`,
      run: () => run(check, subject, isSync),
    }))
  })
}

/** @param {import('./case.js').Check} check @param {Subject} subject @param {boolean} isSync */
async function run(check, subject, isSync) {
  const t = new Case(subject, isSync)
  const giveBackClock = t.takeClock()
  const { warn } = console
  // That something is not persisted is what many checks are about.
  console.warn = () => {}
  try {
    await check.run(t)
  } finally {
    try {
      await t.leave()
    } finally {
      giveBackClock()
      console.warn = warn
    }
  }
}

/** @param {any} options @returns {Subject} */
function checked(options) {
  if (typeof options !== 'object' || options === null) {
    throw invalidOption('options', options, 'an object such as { name, open }')
  }
  for (const [option, value] of Object.entries(options)) {
    if (!Object.hasOwn(OPTIONS, option)) {
      const known = Object.keys(OPTIONS).join(', ')
      throw new MimicTypeError('ERR_UNKNOWN_OPTION', `testStore has no option ${option}; it has ${known}`)
    }
    const kind = OPTIONS[option]
    const given = typeof value
    if (value !== undefined && given !== kind) throw invalidOption(option, value, `of type ${kind}`)
  }
  for (const option of REQUIRED) {
    if (options[option] === undefined) throw invalidOption(option, undefined, `given: a ${OPTIONS[option]}`)
  }
  for (const kind of options.without ?? []) {
    if (Object.hasOwn(KINDS, kind)) continue
    throw invalidOption('without', kind, `of these kinds of values: ${Object.keys(KINDS).join(', ')}`)
  }
  const { test, ...subject } = options
  return subject
}

/** @returns {Test} that of vitest's and jest's globals, or of node:test */
function runnersTest() {
  const { test, it, process } = /** @type {any} */ (globalThis)
  // Its tests would run beside those of vitest, and not be counted.
  const isVitest = process?.env?.VITEST !== undefined
  const found = test ?? it ?? (isVitest ? undefined : process?.getBuiltinModule?.('node:test')?.test)
  if (typeof found === 'function') return found
  throw new MimicError(
    'ERR_NO_RUNNER',
    'testStore found no test runner; give it as option test (vitest without globals: import { test } from vitest), or use storeChecks',
  )
}
