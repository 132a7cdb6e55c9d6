// What a page does by itself: starts its circuit, comes back when the server does, copies texts.
(() => {
  const connection = document.getElementById('connection');
  const pause = ms => new Promise(done => setTimeout(done, ms));
  let down = false;

  async function comeBack() {
    while (down) {
      try {
        // False: the server is there and knows nothing of this page, because it was restarted. Everything is in the address.
        if (await Blazor.reconnect()) {
          return;
        }
        location.reload();
        return;
      } catch {
        await pause(500);
      }
    }
  }

  Blazor.start({
    circuit: {
      reconnectionHandler: {
        onConnectionDown: () => {
          if (down) {
            return;
          }
          down = true;
          // A moment's loss is not worth a word.
          setTimeout(() => { connection.hidden = !down; }, 400);
          comeBack();
        },
        onConnectionUp: () => {
          down = false;
          connection.hidden = true;
        },
      },
    },
  });

  document.addEventListener('click', async event => {
    const button = event.target.closest('[data-copy]');
    if (!button) {
      return;
    }
    const text = button.parentElement.querySelector('code');
    try {
      await navigator.clipboard.writeText(text.textContent);
      button.textContent = 'Copied';
    } catch {
      // No clipboard without a secure address: the text is marked, and one key copies it.
      getSelection().selectAllChildren(text);
      button.textContent = 'Press Ctrl+C';
    }
    setTimeout(() => { button.textContent = 'Copy'; }, 1500);
  });

  document.addEventListener('keydown', event => {
    const area = event.target;
    if (event.key !== 'Enter' || area.tagName !== 'TEXTAREA' || !area.form) {
      return;
    }
    // In a text of one line Enter asks, as in any field; in a longer one it takes Ctrl.
    const asks = event.ctrlKey || event.metaKey || ('grow' in area.dataset && !event.shiftKey);
    if (asks && !event.isComposing) {
      event.preventDefault();
      area.dispatchEvent(new Event('change', { bubbles: true }));
      area.form.requestSubmit();
    }
  });
})();
