/** The help: what each key does. */
import { byId } from "./byId.ts"
import { keys } from "./keys.ts"

export const makeHelp = (): { readonly open: () => void } => {
  const dialog = byId("help", HTMLDialogElement)
  const rows = keys.flatMap(({ keys: names, words }) => {
    const [term, detail] = [document.createElement("dt"), document.createElement("dd")]
    term.append(
      ...names.map((name) => {
        const key = document.createElement("kbd")
        key.textContent = name
        return key
      })
    )
    detail.textContent = words
    return [term, detail]
  })
  byId("keys", HTMLElement).replaceChildren(...rows)
  const open = (): void => dialog.showModal()
  byId("open-help", HTMLButtonElement).addEventListener("click", open)
  byId("close-help", HTMLButtonElement).addEventListener("click", () => dialog.close())
  return { open }
}
