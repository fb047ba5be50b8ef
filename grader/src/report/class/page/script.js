"use strict";
(() => {
  const table = document.getElementById("table");
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const heads = [...table.tHead.rows[0].cells];
  const letters = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

  // Sorting: each head becomes a button; pressed again, it sorts the other way round. Figures begin with the largest.
  const compare = (column, numbers) => (a, b) => {
    const [x, y] = [a.cells[column].dataset.v, b.cells[column].dataset.v];
    return numbers ? Number(x) - Number(y) : letters.compare(x, y);
  };
  heads.forEach((head, column) => {
    const numbers = column > 0;
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const before = head.getAttribute("aria-sort");
      const up = before ? before === "descending" : !numbers;
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      const order = compare(column, numbers);
      rows.sort((a, b) => (up ? order(a, b) : order(b, a)));
      body.append(...rows);
    });
  });

  // Filtering: by what the row says, and by how any of its exercises stands.
  const find = document.getElementById("find");
  const standing = document.getElementById("standing");
  const shown = document.getElementById("shown");
  const text = new Map(rows.map((row) => {
    const mistakes = [...row.cells].map((cell) => cell.dataset.m || "");
    return [row, (row.cells[0].textContent + " " + mistakes.join(" ")).toLocaleLowerCase()];
  }));
  const filter = () => {
    const words = find.value.toLocaleLowerCase().split(/\s+/).filter(Boolean);
    const wanted = standing.value;
    let count = 0;
    rows.forEach((row) => {
      const fits = words.every((word) => text.get(row).includes(word))
        && (!wanted || [...row.cells].some((cell) => cell.dataset.s === wanted));
      row.hidden = !fits;
      count += fits;
    });
    shown.textContent = `${count} of ${rows.length}`;
  };
  find.addEventListener("input", filter);
  standing.addEventListener("change", filter);
  document.getElementById("filter").hidden = false;
  filter();

  // A link to something that is folded away unfolds it.
  const unfold = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target instanceof HTMLDetailsElement) {
      target.open = true;
      target.querySelector("summary").focus({ preventScroll: true });
      target.scrollIntoView();
    }
  };
  addEventListener("hashchange", unfold);
  unfold();
})();
