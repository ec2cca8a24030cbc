/**
 * Where the focus goes when what has it is taken away or switched off: to the nearest surviving region around it, the
 * innermost ancestor with `tabindex="-1"`. The browser would give it to `<body>`, and a keyboard begin at the top again.
 */
export function keepFocus(page: Document): void {
  let around: Element[] = [] // what has the focus, then its ancestors
  page.addEventListener('focusin', ({ target }) => {
    around = []
    for (let each = target instanceof Element ? target : null; each !== null; each = each.parentElement)
      around.push(each)
  })
  const look = () => {
    const [last, ...ancestors] = around
    if (last === undefined || (last.isConnected && !last.matches(':disabled'))) return
    around = []
    const { activeElement } = page
    if (activeElement !== null && activeElement !== page.body && activeElement !== last) return
    const home = ancestors.find((each) => each.isConnected && each.matches('[tabindex="-1"]'))
    if (home instanceof HTMLElement) home.focus({ preventScroll: true })
  }
  const observer = new MutationObserver(look)
  observer.observe(page.body, { subtree: true, childList: true, attributes: true, attributeFilter: ['disabled'] })
}
