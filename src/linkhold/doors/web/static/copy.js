// Buttons that copy a value; without scripts they are not there, and the value can be selected.

const text = (field) => field.value ?? field.textContent.trim();

function select(field) {
  if (field.select) field.select();
  else getSelection().selectAllChildren(field);
}

// Who hears the page is told there what who sees it reads on the button.
const told = document.createElement("p");
told.className = "unseen";
told.ariaLive = "polite";
document.body.append(told);

for (const button of document.querySelectorAll("[data-copy]")) {
  const field = document.getElementById(button.dataset.copy);
  field.addEventListener("focus", () => select(field));
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text(field));
    } catch {
      // On plain http by any name but localhost there is no clipboard to ask for.
      select(field);
      if (!document.execCommand("copy")) return;
    }
    button.querySelector("span").textContent = button.dataset.done;
    told.textContent = "";
    told.textContent = button.dataset.done;
  });
}
