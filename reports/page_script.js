"use strict";
// Sorts a table by a column, up, down, and back to the report's own order, and filters its rows;
// the page says the same without it.
for (const table of document.querySelectorAll("table.rows")) {
    const body = table.tBodies[0];
    const rows = Array.from(body.rows);
    rows.forEach((row, place) => { row.place = place; });
    const caption = table.caption.textContent;

    // Numbers, then what is none, and empty cells last, whichever way.
    const key = (row, column) => {
        const cell = row.cells[column];
        const text = cell.textContent;
        const number = cell.classList.contains("n") && text !== "" ? Number(text) : NaN;
        return Number.isNaN(number) ? text : number;
    };
    const rank = (x) => typeof x === "number" ? 0 : x === "" ? 2 : 1;
    const order = (column, sign) => (a, b) => {
        const x = key(a, column), y = key(b, column);
        if (x === y)
            return a.place - b.place;
        if (rank(x) !== rank(y))
            return rank(x) - rank(y);
        return x < y ? -sign : sign;
    };
    Array.from(table.tHead.rows[0].cells).forEach((head, column) => {
        const button = document.createElement("button");
        button.type = "button";
        button.textContent = head.textContent;
        head.dataset.title = head.textContent; // on paper, where Chromium repeats no buttons
        head.replaceChildren(button);
        head.setAttribute("aria-sort", "none");
        button.addEventListener("click", () => {
            const next = { none: "ascending", ascending: "descending", descending: "none" };
            const now = next[head.getAttribute("aria-sort")];
            for (const other of table.tHead.rows[0].cells)
                other.setAttribute("aria-sort", "none");
            head.setAttribute("aria-sort", now);
            body.append(...rows.sort(now === "none" ? (a, b) => a.place - b.place
                : order(column, now === "ascending" ? 1 : -1)));
        });
    });

    if (rows.length < 10)
        continue;
    const label = document.createElement("label");
    const input = document.createElement("input");
    label.className = "filter";
    input.type = "search";
    label.append("Show rows with", input);
    table.parentElement.before(label);
    table.caption.setAttribute("aria-live", "polite");
    input.addEventListener("input", () => {
        const wanted = input.value.toLowerCase();
        let shown = 0;
        for (const row of rows) {
            row.hidden = !row.textContent.toLowerCase().includes(wanted);
            shown += row.hidden ? 0 : 1;
        }
        table.caption.textContent = wanted === "" ? caption : `${shown} of ${caption}`;
    });
}

// What is folded away stands on paper.
let unfolded = [];
addEventListener("beforeprint", () => {
    unfolded = Array.from(document.querySelectorAll("details:not([open])"));
    unfolded.forEach((details) => { details.open = true; });
});
addEventListener("afterprint", () => {
    unfolded.forEach((details) => { details.open = false; });
});
