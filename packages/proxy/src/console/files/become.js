// Makes what is on the page like what a node renders now, without taking away what its reader is at.

/** What a reader has done to an element, which the node does not know of. */
const READERS_OWN = new Set(['open']);

/** @param {Element} element whose content becomes that of `html`, which a node has rendered */
export function become(element, html) {
  const wanted = element.cloneNode(false);
  wanted.innerHTML = html;
  followChildren(element, wanted);
}

function follow(node, wanted) {
  if (node.nodeType !== Node.ELEMENT_NODE) {
    if (node.data !== wanted.data) node.data = wanted.data;
    return;
  }
  for (const { name } of [...node.attributes])
    if (!wanted.hasAttribute(name) && !READERS_OWN.has(name)) node.removeAttribute(name);
  for (const { name, value } of wanted.attributes)
    if (node.getAttribute(name) !== value) node.setAttribute(name, value);
  followChildren(node, wanted);
}

function followChildren(parent, wantedParent) {
  let next = parent.firstChild;
  for (const wanted of [...wantedParent.childNodes]) {
    const match = matchFor(wanted, next);
    if (match === null) {
      parent.insertBefore(wanted, next);
      continue;
    }
    if (match === next) next = next.nextSibling;
    else parent.insertBefore(match, next);
    follow(match, wanted);
  }
  while (next !== null) {
    const gone = next;
    next = next.nextSibling;
    gone.remove();
  }
}

/** The node that stands for the same thing, from `next` on: the one of that id, or of the same kind at the same place. */
function matchFor(wanted, next) {
  if (wanted.id) {
    for (let node = next; node !== null; node = node.nextSibling) if (node.id === wanted.id) return node;
    return null;
  }
  return next !== null && next.nodeName === wanted.nodeName && !next.id ? next : null;
}
