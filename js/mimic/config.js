import { invalidOption, MimicTypeError } from '../errors.js'
import { checkState, madeState, stateStore } from '../stores/state.js'
import { MemoryState } from './memory-state.js'

/** Where results are kept: a state, or the class to make one of with `stateKwargs`. It is made once, here. */
export class Config {
  /** @type {import('../stores/store.js').Store | undefined} */
  #store

  /** @param {{ state?: any, stateKwargs?: unknown, state_kwargs?: unknown }} [options] */
  constructor(options = {}) {
    if (typeof options !== 'object') throw invalidOption('options', options, 'an object of options')
    const { state = MemoryState, state_kwargs, stateKwargs = state_kwargs, ...rest } = options ?? {}
    const [unknown] = Object.keys(rest)
    if (unknown !== undefined) {
      throw new MimicTypeError(
        'ERR_UNKNOWN_OPTION',
        `Config has no option ${unknown}; the options are state, stateKwargs`,
      )
    }
    this.state = state
    this.stateKwargs = stateKwargs
    Object.freeze(this)
    // The memory of the wrapped functions is what a MemoryState is made of: nothing has to be behind it.
    if (state === MemoryState) return
    this.#store = stateStore(checkState(madeState(state, stateKwargs), 'state'), undefined)
  }

  /** @param {Config} config @returns {import('../stores/store.js').Store | undefined} */
  static storeOf(config) {
    return config.#store
  }
}
