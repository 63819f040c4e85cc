/** The sign by which a coordinate of LPS+ becomes one of RAS+: 1 for z, -1 for x and y, which LPS+ has the other way round. */
export const signOf = (axis: number): number => (axis === 2 ? 1 : -1)
