// The lines of the diagram: every way that a request may take, and the one that this session takes.

/** Draws lines from each node to each endpoint into `svg`; the strong one leads from this page's node to `holder`. */
export function drawLinks(svg, nodes, endpoints, holder) {
  const origin = svg.getBoundingClientRect();
  const isStacked = endpoints.getBoundingClientRect().top >= nodes.getBoundingClientRect().bottom;
  const curve = isStacked ? curveDown : curveAcross;
  const paths = [...nodes.children].flatMap((node) =>
    [...endpoints.children].map((endpoint) => {
      const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
      path.setAttribute('d', curve(node.getBoundingClientRect(), endpoint.getBoundingClientRect(), origin));
      const isWay = node.classList.contains('here') && endpoint.dataset.id === holder;
      path.setAttribute('class', isWay ? 'live' : endpoint.classList.contains('down') ? 'dead' : '');
      return path;
    }),
  );
  svg.replaceChildren(...paths.sort((a, b) => a.classList.contains('live') - b.classList.contains('live')));
}

/** From the right side of one box to the left side of the other. */
function curveAcross(from, to, origin) {
  const [x1, y1] = [from.right - origin.left, from.top + from.height / 2 - origin.top];
  const [x2, y2] = [to.left - origin.left, to.top + to.height / 2 - origin.top];
  const middle = (x1 + x2) / 2;
  return `M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}`;
}

/** From the bottom of one box to the top of the other, where they are stacked. */
function curveDown(from, to, origin) {
  const [x1, y1] = [from.left + from.width / 2 - origin.left, from.bottom - origin.top];
  const [x2, y2] = [to.left + to.width / 2 - origin.left, to.top - origin.top];
  const middle = (y1 + y2) / 2;
  return `M${x1} ${y1}C${x1} ${middle} ${x2} ${middle} ${x2} ${y2}`;
}
