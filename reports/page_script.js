"use strict";
// Sorts a table by a column and filters its rows; the page says the same without it.
for (const table of document.querySelectorAll("table.rows")) {
    const body = table.tBodies[0];
    const rows = Array.from(body.rows);
    rows.forEach((row, place) => { row.place = place; });
    const caption = table.caption.textContent;

    const key = (row, column) => {
        const cell = row.cells[column];
        const text = cell.textContent;
        return cell.classList.contains("n") && text !== "" ? Number(text) : text;
    };
    const order = (column, sign) => (a, b) => {
        const x = key(a, column), y = key(b, column);
        if (x === y)
            return a.place - b.place;
        if (x === "" || y === "")
            return x === "" ? 1 : -1;
        return x < y ? -sign : sign;
    };
    Array.from(table.tHead.rows[0].cells).forEach((head, column) => {
        const button = document.createElement("button");
        button.type = "button";
        button.textContent = head.textContent;
        head.replaceChildren(button);
        head.setAttribute("aria-sort", "none");
        button.addEventListener("click", () => {
            const up = head.getAttribute("aria-sort") !== "ascending";
            for (const other of table.tHead.rows[0].cells)
                other.setAttribute("aria-sort", "none");
            head.setAttribute("aria-sort", up ? "ascending" : "descending");
            body.append(...rows.sort(order(column, up ? 1 : -1)));
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
