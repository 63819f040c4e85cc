/** The element of the page with an id, as what it is. */
export const byId = <E extends HTMLElement>(id: string, kind: abstract new () => E): E => {
  const element = document.getElementById(id)
  if (!(element instanceof kind)) throw new Error(`the page has no ${id}`)
  return element
}
