/** A session that PHP can read, of that many bytes at least, which tells by its number whether all of it belongs together. */
export function sessionOf(length: number, number: number): string
