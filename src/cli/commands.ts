import type { AddCommand } from './command.ts'

type Load = () => Promise<AddCommand>

/** The commands, in the order of the help. Each is loaded when it is needed: most of the time a command takes is to load. */
const commands: Readonly<Record<string, Load>> = {
  ls: async () => (await import('./commands/ls.ts')).ls,
  show: async () => (await import('./commands/show.ts')).show,
  get: async () => (await import('./commands/get.ts')).get,
  diff: async () => (await import('./commands/diff.ts')).diff,
  watch: async () => (await import('./commands/watch.ts')).watch,
  explain: async () => (await import('./commands/explain.ts')).explain,
  stats: async () => (await import('./commands/stats.ts')).stats,
  set: async () => (await import('./commands/edit.ts')).set,
  unset: async () => (await import('./commands/edit.ts')).unset,
  rm: async () => (await import('./commands/rm.ts')).rm,
  gc: async () => (await import('./commands/gc.ts')).gc,
  convert: async () => (await import('./commands/convert.ts')).convert,
  doctor: async () => (await import('./commands/doctor.ts')).doctor,
  completion: async () => (await import('./commands/completion.ts')).completion,
}

/** The command of this name, or all: for help, for what is no command, and for completions, which are made of all. */
export async function commandsFor(name: string | undefined): Promise<AddCommand[]> {
  const isOne = name !== undefined && name !== 'completion' && Object.hasOwn(commands, name)
  return Promise.all((isOne ? [commands[name]!] : Object.values(commands)).map((load) => load()))
}
