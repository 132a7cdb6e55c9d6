// The command palette, and the keys that lead to rooms.
(() => {
  const dialog = () => document.getElementById('palette');
  const field = () => document.getElementById('palette-text');
  const list = () => document.getElementById('palette-list');
  const said = () => document.getElementById('palette-said');
  const most = 40;
  let items = [];
  let shown = [];
  let at = 0;
  let went = 0;

  // Letters in their order, anywhere; beginnings of words and neighbours count more. Null where they are not there.
  function score(text, wanted) {
    let total = 0;
    let last = -2;
    for (const letter of wanted) {
      let found = text.indexOf(letter, last + 1);
      if (found < 0) {
        return null;
      }
      const start = text.slice(last + 1).search(new RegExp(`(?<![a-z0-9])${letter.replace(/[^a-z0-9]/g, '\\$&')}`));
      if (found !== last + 1 && start > 0) {
        found = last + 1 + start;
      }
      total += found === last + 1 ? 3 : found === 0 || !/[a-z0-9]/.test(text[found - 1]) ? 2 : 0;
      last = found;
    }
    return total - text.length / 100;
  }

  function rank(item, words) {
    const text = `${item.text} ${item.hint ?? ''} ${item.kind}`.toLowerCase();
    let total = 0;
    for (const word of words) {
      const exact = text.indexOf(word);
      const one = exact >= 0 ? word.length * 4 - exact / 50 : score(text, word);
      if (one === null) {
        return null;
      }
      total += one;
    }
    return total;
  }

  function show() {
    const words = field().value.toLowerCase().split(/\s+/).filter(word => word);
    shown = items.map((item, index) => ({ item, index, rank: rank(item, words) }))
      .filter(one => one.rank !== null)
      .sort((a, b) => words.length ? b.rank - a.rank || a.index - b.index : a.index - b.index)
      .slice(0, most).map(one => one.item);
    list().replaceChildren(...shown.map((item, index) => {
      const row = document.createElement('li');
      row.id = `palette-${index}`;
      row.role = 'option';
      const text = document.createElement(item.kind === 'command' ? 'code' : 'span');
      text.textContent = item.text;
      const hint = document.createElement('span');
      hint.className = 'hint';
      hint.textContent = item.hint ? `${item.kind} · ${item.hint}` : item.kind;
      row.append(text, hint);
      return row;
    }));
    said().textContent = shown.length ? '' : items.length ? 'Nothing found.' : 'One moment…';
    choose(0);
  }

  function choose(index) {
    at = Math.max(0, Math.min(index, shown.length - 1));
    [...list().children].forEach((row, place) => row.setAttribute('aria-selected', place === at));
    const row = list().children[at];
    if (row) {
      field().setAttribute('aria-activedescendant', row.id);
      row.scrollIntoView({ block: 'nearest' });
    } else {
      field().removeAttribute('aria-activedescendant');
    }
  }

  async function open() {
    if (dialog().open) {
      return;
    }
    field().value = '';
    dialog().showModal();
    show();
    const mine = ++went;
    try {
      const answer = await fetch('/palette', { headers: { Accept: 'application/json' } });
      if (answer.status === 401) {
        location.reload();
        return;
      }
      const found = (await answer.json()).items;
      if (mine === went) {
        items = found;
        show();
      }
    } catch {
      if (!items.length) {
        said().textContent = 'The server does not answer.';
      }
    }
  }

  // A link of its own, so that the page is changed as by any other link.
  function go(href) {
    const link = document.createElement('a');
    link.href = href;
    document.body.append(link);
    link.click();
    link.remove();
  }

  async function take(item) {
    if (!item) {
      return;
    }
    if (item.href) {
      dialog().close();
      go(item.href);
      return;
    }
    try {
      await navigator.clipboard.writeText(item.text);
      said().textContent = `Copied: ${item.text}`;
    } catch {
      // No clipboard without a secure address: the text is marked, and one key copies it.
      getSelection().selectAllChildren(list().children[at].firstChild);
      said().textContent = 'Press Ctrl+C to copy it.';
    }
  }

  const types = element => element.matches?.('input, textarea, select, [contenteditable]');
  let leads = false;

  document.addEventListener('keydown', event => {
    if (!dialog() || event.isComposing) {
      return;
    }
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === 'k') {
      event.preventDefault();
      if (dialog().open) {
        dialog().close();
      } else {
        open();
      }
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    if (dialog().open) {
      const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
      if (step) {
        event.preventDefault();
        const around = Math.abs(step) === 1 && shown.length ? (at + step + shown.length) % shown.length : at + step;
        choose(around);
      } else if (event.key === 'Enter') {
        event.preventDefault();
        take(shown[at]);
      }
      return;
    }
    if (types(event.target)) {
      return;
    }
    if (leads) {
      leads = false;
      document.querySelector(`[data-go="${CSS.escape(event.key)}"]`)?.click();
    } else if (event.key === '/') {
      event.preventDefault();
      open();
    } else {
      leads = event.key === 'g';
    }
  });

  document.addEventListener('input', event => {
    if (event.target === field()) {
      show();
    }
  });

  document.addEventListener('click', event => {
    if (event.target.closest('[data-palette]')) {
      open();
    } else if (event.target === dialog()) {
      dialog().close();
    } else if (event.target.closest('#palette-list [role=option]')) {
      choose([...list().children].indexOf(event.target.closest('[role=option]')));
      take(shown[at]);
      field().focus();
    }
  });
})();
