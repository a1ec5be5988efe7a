(function () {
  'use strict';
  var root = document.documentElement;
  var said = document.getElementById('said');
  function all(query, from) { return Array.prototype.slice.call((from || document).querySelectorAll(query)); }
  function reveal(element) { if (element) { element.hidden = false; } }

  var theme = document.getElementById('theme');
  var dark = window.matchMedia('(prefers-color-scheme: dark)').matches;
  function showTheme() { theme.textContent = dark ? 'Light mode' : 'Dark mode'; }
  reveal(theme);
  showTheme();
  theme.addEventListener('click', function () {
    dark = !dark;
    root.setAttribute('data-theme', dark ? 'dark' : 'light');
    showTheme();
  });

  function copyText(text) {
    if (navigator.clipboard && navigator.clipboard.writeText) { return navigator.clipboard.writeText(text); }
    return new Promise(function (done, failed) {
      var area = document.createElement('textarea');
      area.value = text;
      document.body.appendChild(area);
      area.select();
      var worked = document.execCommand('copy');
      area.remove();
      if (worked) { done(); } else { failed(); }
    });
  }
  function mark(button, word) {
    button.textContent = word;
    said.textContent = word === 'Copied' ? 'Copied to the clipboard' : 'The browser does not allow copying';
    setTimeout(function () { button.textContent = 'Copy'; said.textContent = ''; }, 2000);
  }
  all('button.copy').forEach(function (button) {
    reveal(button);
    button.addEventListener('click', function () {
      copyText(button.closest('figure').querySelector('pre').textContent).then(
        function () { mark(button, 'Copied'); },
        function () { mark(button, 'Not allowed'); });
    });
  });

  var opened = [];
  window.addEventListener('beforeprint', function () {
    opened = all('details:not([open])');
    opened.forEach(function (details) { details.open = true; });
  });
  window.addEventListener('afterprint', function () {
    opened.forEach(function (details) { details.open = false; });
  });

  var tools = document.getElementById('tools');
  if (!tools) { return; }
  reveal(tools);
  var list = document.getElementById('list');
  var findings = all('article.finding', list);
  var search = document.getElementById('search');
  var sort = document.getElementById('sort');
  var shown = document.getElementById('shown');
  var buttons = all('button[data-severity]', tools);
  var texts = new Map();

  function textOf(finding) {
    if (!texts.has(finding)) { texts.set(finding, finding.textContent.toLowerCase()); }
    return texts.get(finding);
  }
  function filter() {
    var off = {};
    buttons.forEach(function (b) { off[b.dataset.severity] = b.getAttribute('aria-pressed') === 'false'; });
    var words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    var count = 0;
    findings.forEach(function (finding) {
      finding.hidden = Boolean(off[finding.dataset.severity]) ||
        !words.every(function (word) { return textOf(finding).indexOf(word) >= 0; });
      count += finding.hidden ? 0 : 1;
    });
    shown.textContent = count + ' of ' + findings.length + ' shown';
  }
  buttons.forEach(function (button) {
    button.addEventListener('click', function () {
      button.setAttribute('aria-pressed', String(button.getAttribute('aria-pressed') === 'false'));
      filter();
    });
  });
  search.addEventListener('input', filter);

  sort.addEventListener('change', function () {
    var key = sort.value;
    findings.sort(function (a, b) {
      var by = key === 'count' ? b.dataset.count - a.dataset.count : a.dataset[key] - b.dataset[key];
      return by || a.dataset.order - b.dataset.order;
    });
    findings.forEach(function (finding) { list.appendChild(finding); });
  });

  function foldAll(open) {
    findings.forEach(function (finding) { finding.querySelector('details').open = open; });
  }
  document.getElementById('fold').addEventListener('click', function () { foldAll(false); });
  document.getElementById('unfold').addEventListener('click', function () { foldAll(true); });

  function follow() {
    var target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target || !target.matches('article.finding')) { return; }
    if (target.hidden) {
      search.value = '';
      buttons.forEach(function (button) { button.setAttribute('aria-pressed', 'true'); });
      filter();
    }
    target.querySelector('details').open = true;
    target.scrollIntoView();
  }
  window.addEventListener('hashchange', follow);
  document.addEventListener('click', function (event) {
    var link = event.target.closest && event.target.closest('a[href^="#finding-"]');
    if (link && link.getAttribute('href') === location.hash) { follow(); }
  });
  if (location.hash) { follow(); }
}());
