/** What BIDS allows as the value of an entity: letters and digits. A template space becomes part of every map's name. */
export const bidsLabel = /^[A-Za-z0-9]+$/

export const isBidsLabel = (text: string): boolean => bidsLabel.test(text)
