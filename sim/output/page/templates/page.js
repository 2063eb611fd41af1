"use strict";
(function () {
  // "1,667", "−0.5", "+268" as numbers; what is none sorts last
  function numberIn(text) {
    var value = parseFloat(text.replace(/,/g, "").replace("\u2212", "-"));
    return isNaN(value) ? null : value;
  }

  function compare(a, b, numeric) {
    if (!numeric) { return a.localeCompare(b, "en"); }
    var x = numberIn(a), y = numberIn(b);
    if (x === null || y === null) { return (x === null ? 1 : 0) - (y === null ? 1 : 0); }
    return x - y;
  }

  function sort(table, head, index) {
    var body = table.tBodies[0], numeric = head.classList.contains("n");
    var down = head.getAttribute("aria-sort") === (numeric ? "descending" : "ascending") ? numeric ? false : true : numeric;
    var rows = Array.prototype.slice.call(body.rows);
    rows.sort(function (one, other) {
      var a = one.cells[index].textContent, b = other.cells[index].textContent;
      var empty = numeric && (numberIn(a) === null || numberIn(b) === null);
      return (down && !empty ? -1 : 1) * compare(a, b, numeric);
    });
    rows.forEach(function (row) { body.appendChild(row); });
    Array.prototype.forEach.call(table.tHead.rows[0].cells, function (cell) { cell.removeAttribute("aria-sort"); });
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
  }

  function addSearch(table) {
    var label = document.createElement("label"), field = document.createElement("input");
    label.className = "search";
    label.textContent = "Show rows with ";
    field.type = "search";
    label.appendChild(field);
    field.addEventListener("input", function () {
      var words = field.value.toLowerCase().split(/\s+/);
      Array.prototype.forEach.call(table.tBodies[0].rows, function (row) {
        var text = row.textContent.toLowerCase();
        row.hidden = !words.every(function (word) { return text.indexOf(word) >= 0; });
      });
    });
    table.parentNode.parentNode.insertBefore(label, table.parentNode);
  }

  var FEW = 12; // rows that are seen at once need no search
  document.querySelectorAll("table.sortable").forEach(function (table) {
    Array.prototype.forEach.call(table.tHead.rows[0].cells, function (head, index) {
      var button = document.createElement("button");
      button.type = "button";
      while (head.firstChild) { button.appendChild(head.firstChild); } // with the places where a name may break
      head.appendChild(button);
      button.addEventListener("click", function () { sort(table, head, index); });
    });
    if (table.tBodies[0].rows.length > FEW) { addSearch(table); }
  });

  document.querySelectorAll("input[data-toggles]").forEach(function (box) {
    function show() { document.body.classList.toggle("hide-" + box.getAttribute("data-toggles"), !box.checked); }
    box.addEventListener("change", show);
    show();
  });
}());
