/** Asks the viewer's server; fails with the reason that it gives. */
const ask = async (address: string): Promise<Response> => {
  const response = await fetch(address).catch(() => {
    throw new Error("lnm view has ended: start it again, and open the new address.")
  })
  if (!response.ok) throw new Error(await response.text())
  return response
}

export const fetchJson = async <A>(address: string): Promise<A> => (await ask(address)).json() as Promise<A>

export const fetchBytes = async (address: string): Promise<ArrayBuffer> => (await ask(address)).arrayBuffer()
