/** On every page: commands with the address that the page came from, buttons that copy them, and the navigation. */

const DEFAULT_ADDRESS = "localhost:8080";

/** Replaces the address in commands. A page from a file keeps it, because it has none. */
function showAddress() {
  if (!location.protocol.startsWith("http")) return;
  const replace = (text) =>
    text.replaceAll(`http://${DEFAULT_ADDRESS}`, location.origin).replaceAll(DEFAULT_ADDRESS, location.host);
  for (const code of document.querySelectorAll("code")) {
    if (code.textContent.includes(DEFAULT_ADDRESS)) code.textContent = replace(code.textContent);
  }
}

/** The lines that a person types. In an excerpt of a terminal they begin with `$ `, and the others are output. */
function commandsOf(text) {
  const typed = text.split("\n").filter((line) => line.startsWith("$ "));
  return typed.length === 0 ? text : typed.map((line) => line.slice(2)).join("\n");
}

/** The clipboard exists in secure contexts only, and a class opens the page by the name of the teacher's machine. */
async function copy(text) {
  if (navigator.clipboard !== undefined) return await navigator.clipboard.writeText(text);
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "offscreen";
  document.body.append(area);
  area.select();
  const isCopied = document.execCommand("copy");
  area.remove();
  if (!isCopied) throw new Error("not copied");
}

function addButton(pre) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = "Copy";
  button.addEventListener("click", async () => {
    const isCopied = await copy(commandsOf(pre.querySelector("code").textContent)).then(() => true, () => false);
    button.textContent = isCopied ? "Copied" : "Select and copy by hand";
    setTimeout(() => button.textContent = "Copy", 2000);
  });
  const frame = document.createElement("div");
  frame.className = "command";
  pre.replaceWith(frame);
  frame.append(pre, button);
}

showAddress();
for (const pre of document.querySelectorAll("pre.sh, pre.typed, pre.file")) addButton(pre);
document.querySelector("nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
