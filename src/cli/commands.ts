import type { AddCommand } from './command.ts'
import { completion } from './commands/completion.ts'
import { convert } from './commands/convert.ts'
import { diff } from './commands/diff.ts'
import { doctor } from './commands/doctor.ts'
import { set, unset } from './commands/edit.ts'
import { explain } from './commands/explain.ts'
import { gc } from './commands/gc.ts'
import { get } from './commands/get.ts'
import { ls } from './commands/ls.ts'
import { rm } from './commands/rm.ts'
import { show } from './commands/show.ts'
import { stats } from './commands/stats.ts'
import { watch } from './commands/watch.ts'

/** The commands, in the order of the help. */
export const commands: readonly AddCommand[] = [
  ls,
  show,
  get,
  diff,
  watch,
  explain,
  stats,
  set,
  unset,
  rm,
  gc,
  convert,
  doctor,
  completion,
]
