import { html } from 'hono/html';
import type { Html } from '../page.ts';
import type { SampledEndpoint } from '../sample.ts';

/** What can be done about an endpoint: forms, which need no script. They name the state that was seen, and change no other. */
export const endpointActions = ({ view, tag }: SampledEndpoint): Html =>
  html`${
    view.drain === undefined ? drainForm(view.id, tag) : undrainForm(view.id, tag)
  }${view.from === 'operator' ? removeForm(view.id, tag) : ''}`;

const drainForm = (id: string, tag: string): Html => html`<details class="menu" id="drain-${id}">
  <summary>Drain<span class="unseen"> ${id}</span></summary>
  <form method="post" action="/console/endpoints/drain">
    ${seen(id, tag)}
    <p>It gets no new sessions, on any node. At the deadline those that it has move elsewhere.</p>
    <label for="deadline-${id}">Deadline, such as 30m, or none</label>
    <div class="line">
      <input id="deadline-${id}" name="deadline" size="6" autocomplete="off" spellcheck="false">
      <button class="primary">Drain ${id}</button>
    </div>
  </form>
</details>`;

const undrainForm = (
  id: string,
  tag: string,
): Html => html`<form method="post" action="/console/endpoints/undrain">
  ${seen(id, tag)}
  <button>End the drain<span class="unseen"> of ${id}</span></button>
</form>`;

const removeForm = (id: string, tag: string): Html => html`<details class="menu" id="remove-${id}">
  <summary>Remove<span class="unseen"> ${id}</span></summary>
  <form method="post" action="/console/endpoints/remove">
    ${seen(id, tag)}
    <p>Only once it is drained and empty.</p>
    <label><input type="checkbox" name="force" value="true"> Even if somebody would notice</label>
    <button class="danger">Remove ${id}</button>
  </form>
</details>`;

const seen = (id: string, tag: string): Html => html`<input type="hidden" name="endpoint" value="${id}">
  <input type="hidden" name="tag" value="${tag}">`;

/** For an endpoint that no configuration names, until the node ends. */
export const addForm = (pools: readonly string[]): Html => html`<details class="card menu-wide" id="add">
  <summary>Add an endpoint to this node</summary>
  <form method="post" action="/console/endpoints/add">
    <p class="quiet">It stays until the node ends. It may be in the networks of <code>admin.endpointNetworks</code> only.</p>
    <div class="fields">
      <label>Pool <select name="pool">${pools.map((pool) => html`<option>${pool}</option>`)}</select></label>
      <label>URL <input name="url" type="url" required placeholder="http://10.0.0.9:8080"></label>
      <label>Id <input name="id" autocomplete="off" spellcheck="false" placeholder="its address"></label>
      <label>Weight <input name="weight" inputmode="numeric" size="4" placeholder="1"></label>
    </div>
    <button class="primary">Add</button>
  </form>
</details>`;
