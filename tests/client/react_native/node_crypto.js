/**
 * What the tests' server and key use of `node:crypto`. It is no cryptography:
 * a real signature takes Hermes half a second.
 */
let last = 0;

function digest(text) {
  const bytes = new Uint8Array(64);
  let state = 1;
  for (let i = 0; i < text.length + 64; i++) {
    state = Math.imul(state ^ text.charCodeAt(i % text.length), 16777619);
    bytes[i % 64] ^= state >>> 24;
  }
  return bytes;
}

const textOf = (data) => String.fromCharCode(...data);

export function generateKeyPairSync() {
  const x = `key-${++last}`;
  const jwk = { kty: "EC", crv: "P-256", x, y: x };
  return { publicKey: { export: () => jwk }, privateKey: { x } };
}
export const createPublicKey = ({ key }) => key;
export const sign = (_hash, data, { key }) => digest(textOf(data) + key.x);
export const verify = (hash, data, { key }, signature) =>
  textOf(sign(hash, data, { key })) === textOf(signature);
export const randomUUID = () => `uuid-${++last}`;
export const createHash = () => ({
  update: (text) => ({ digest: () => textOf(digest(text).map((n) => n & 63)) }),
});
