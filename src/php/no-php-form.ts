/** Why something has no form in PHP. Whoever knows where it stands makes a TypeError with the key path of it. */
export class NoPhpForm extends RangeError {}
