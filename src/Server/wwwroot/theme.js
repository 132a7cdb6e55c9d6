// Light, dark, or as the system has it: applied before the first paint, remembered in this browser.
(() => {
  const page = document.documentElement;
  const order = ['system', 'light', 'dark'];
  const words = { system: 'as the system', light: 'light', dark: 'dark' };
  let chosen = 'system';

  try {
    chosen = order.find(one => one === localStorage.getItem('raywright-theme')) ?? 'system';
  } catch {
    // Without storage the choice lasts as long as the page.
  }

  function apply() {
    if (chosen === 'system') {
      page.removeAttribute('data-theme');
    } else if (page.getAttribute('data-theme') !== chosen) {
      page.setAttribute('data-theme', chosen);
    }
    const button = document.querySelector('[data-theme-switch]');
    if (button && button.title !== `Colours: ${words[chosen]}`) {
      button.title = `Colours: ${words[chosen]}`;
      button.setAttribute('aria-label', button.title);
    }
  }

  apply();
  // The server sends every page without the attribute; it is back before the page is painted.
  new MutationObserver(apply).observe(page, { attributeFilter: ['data-theme'] });
  document.addEventListener('DOMContentLoaded', apply);
  document.addEventListener('click', event => {
    if (!event.target.closest('[data-theme-switch]')) {
      return;
    }
    chosen = order[(order.indexOf(chosen) + 1) % order.length];
    try {
      localStorage.setItem('raywright-theme', chosen);
    } catch {
      // As above.
    }
    apply();
  });
})();
