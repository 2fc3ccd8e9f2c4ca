/**
 * Every order of the steps of a plan: depth first over the choice of who takes the next step, each schedule replayed from the start.
 * What runs a schedule gets `choose(width)` and asks it wherever more than one may go on.
 */

/**
 * @param {(choose: (width: number) => number) => Promise<void>} run
 * @param {number} [most] schedules; more than there are of any plan that is meant to be gone through
 * @returns {Promise<number>} how many schedules there were
 */
export async function everyOrder(run, most = 200_000) {
  /** @type {{ choice: number, width: number }[]} */
  const path = []
  let count = 0
  for (;;) {
    let depth = 0
    await run(width => {
      if (depth === path.length) path.push({ choice: 0, width })
      return path[depth++].choice
    })
    if (++count > most) throw new Error(`more than ${most} schedules`)
    while (path.length > 0 && path.at(-1).choice + 1 === path.at(-1).width) path.pop()
    if (path.length === 0) return count
    path.at(-1).choice++
  }
}

/**
 * Random orders, the same for the same seed.
 * @param {(choose: (width: number) => number) => Promise<void>} run
 * @param {import('../property/random.mjs').Random} random
 * @param {number} count
 */
export async function someOrders(run, random, count) {
  for (let i = 0; i < count; i++) await run(width => random.int(width))
  return count
}

/**
 * Takes the steps of all actors in one order: each actor's own steps stay in theirs, a step waits until it can be taken.
 * @param {readonly (readonly any[])[]} actors
 * @param {(step: any) => boolean} canTake
 * @param {(step: any) => void | Promise<void>} take
 * @param {(width: number) => number} choose
 */
export async function interleave(actors, canTake, take, choose) {
  const at = actors.map(() => 0)
  for (;;) {
    const ready = actors.flatMap((steps, i) => (at[i] < steps.length && canTake(steps[at[i]]) ? [i] : []))
    if (ready.length === 0) return
    const actor = ready.length === 1 ? ready[0] : ready[choose(ready.length)]
    const taken = take(actors[actor][at[actor]++])
    // No microtask runs that the plan does not ask for.
    if (taken !== undefined) await taken
  }
}
