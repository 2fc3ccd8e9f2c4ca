// A CommonJS module: it imports the package when it runs.
declare const console: { log(text: string): void }

async function main() {
  const { mime } = await import('my-mimic')
  const add = mime((a: number, b: number) => a + b, '5m')
  // @ts-expect-error the types are really there
  const mistake = () => add('1')
  const sum: number = add(1, 2)
  console.log(typeof mistake === 'function' && sum === add(1, 2) && add.stats().hits === 1 ? 'ok' : 'not ok')
}
main()
