"""What axe is asked in Chromium: by the suite on the twin's pages, by ``tools/axe.py`` on those of a demonstration."""

from pathlib import Path

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
#: The rules of WCAG 2 A and AA, with the one about names that differ from what is seen (WCAG 2.1 A, 2.5.3).
RUN = """async contrast => {
  const run = {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"], resultTypes: ["violations"],
               rules: {"label-content-name-mismatch": {enabled: true}, "color-contrast": {enabled: contrast}}};
  const {violations} = await axe.run(document, run);
  return violations.flatMap(rule => rule.nodes.map(node => `${rule.id}: ${node.target.join(" ")} ${
    rule.id === "color-contrast" ? node.any[0].message : node.html.slice(0, 160)}`));
}"""
#: Ids that stand twice on a page: a script, a label or a link would reach the wrong one.
TWICE = """[...document.querySelectorAll("[id]")].map(({id}) => id).filter((id, n, ids) => ids.indexOf(id) < n)"""
#: Pages on which the map itself is drawn; it is the same on all others and dear without a graphics card.
MAPS = ("ghat", "office_dues")
#: How many screens a page may be high before what stands under "more", by the width of the window.
SCREENS = {360: 6, 1280: 3}
#: Words that are cut off or lie over others, and a page that has to be moved both ways, in letters of any size.
LOST = r"""() => {
  const odd = [], wide = document.scrollingElement.scrollWidth;
  if (wide > innerWidth) odd.push(`two-ways: the page is ${wide} px wide`);
  const shown = box => box.checkVisibility({visibilityProperty: true, opacityProperty: true});
  const named = box =>
    `${box.tagName.toLowerCase()}.${[...box.classList].join(".")} ${box.textContent.trim().slice(0, 50)}`;
  for (const box of document.querySelectorAll("body *")) {
    if (!shown(box) || box.closest(".visually-hidden, svg, template, [data-map]")) continue;
    const {overflowX, overflowY, textOverflow} = getComputedStyle(box);
    const cut = mode => mode === "hidden" || mode === "clip";
    const wider = cut(overflowX) && box.scrollWidth > box.clientWidth + 2;
    const higher = cut(overflowY) && box.scrollHeight > box.clientHeight + 4;
    if (box.clientWidth > 1 && box.textContent.trim() && (wider || higher) && textOverflow !== "ellipsis")
      odd.push(`cut: ${named(box)}`);
  }
  const kinds = "main a, main button, main input, main select, header a, header button";
  const pressed = [...document.querySelectorAll(kinds)];
  const boxes = pressed.filter(shown).map(box => [box, [...box.getClientRects()]]);  // a rectangle a line of text
  const meet = (one, two) => Math.min(one.right, two.right) - Math.max(one.left, two.left) > 4
    && Math.min(one.bottom, two.bottom) - Math.max(one.top, two.top) > 8;
  for (const [n, [box, ours]] of boxes.entries()) {
    for (const [other, theirs] of boxes.slice(n + 1, n + 12)) {
      if (box.contains(other) || other.contains(box) || box.closest(".day-control, .search")) continue;
      if (ours.some(one => theirs.some(two => meet(one, two)))) odd.push(`over: ${named(box)} and ${named(other)}`);
    }
  }
  return odd;
}"""
#: A browser whose reader wants letters twice as large, by its own setting; what is laid out by them follows.
LARGER = "--blink-settings=defaultFontSize=32,defaultFixedFontSize=26"
