/** As in Node's `tls.connect`: PEM texts (not paths). */
export interface TlsOptions {
  /** Certificates that are trusted besides the system's. */
  ca?: string | Uint8Array | readonly (string | Uint8Array)[] | undefined;
  /** The client's own certificate, where the server asks for one. */
  cert?: string | Uint8Array | undefined;
  key?: string | Uint8Array | undefined;
  /** The name the certificate must be for, when it differs from the address's host. */
  servername?: string | undefined;
}
