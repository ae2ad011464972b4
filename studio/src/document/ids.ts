/** What is a new thing called? A word and 26 characters, as the server's ids are; ids that are made later sort later. */

const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";

/** `node_…`: a UUID of version 7 in Crockford's base 32. Works on pages that are no secure context, too. */
export function newId(word: string, now: number = Date.now()): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  for (let i = 0, left = now; i < 6; i++, left = Math.floor(left / 256)) bytes[5 - i] = left % 256;
  bytes[6] = 0x70 | ((bytes[6] ?? 0) & 0x0f);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  let number = bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  let text = "";
  for (let i = 0; i < 26; i++, number >>= 5n) text = ALPHABET[Number(number & 31n)] + text;
  return `${word}_${text}`;
}
