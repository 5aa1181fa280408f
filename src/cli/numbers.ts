import { InvalidArgumentError } from 'commander'

/** What options take as numbers. An empty text is none: `--max-lifetime "$UNSET"` would be 0, and every session garbage. */

/** A number from 0. @throws InvalidArgumentError */
export function amount(text: string): number {
  if (!/^(\d+\.?\d*|\.\d+)$/.test(text)) throw new InvalidArgumentError('A number from 0 is expected.')
  return Number(text)
}

/** A whole number from 0. @throws InvalidArgumentError */
export function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('A whole number from 0 is expected.')
  return Number(text)
}
