/** On every page: commands with the address that the page came from, buttons that copy them, and the navigation. */

const DEFAULT_ADDRESS = "localhost:8080";

/** Whether the page came from the reader's own machine. */
const isOwnMachine = ["localhost", "127.0.0.1", "[::1]"].includes(location.hostname);

/**
 * Replaces the address in commands. A page from a file keeps it, because it has none. So do exercises that came from
 * another machine, because there the reader's own server is asked.
 */
function showAddress() {
  if (!location.protocol.startsWith("http")) return;
  for (const code of document.querySelectorAll("code")) {
    const isForOwn = code.closest(".exercise") !== null && !isOwnMachine;
    if (!isForOwn && code.textContent.includes(DEFAULT_ADDRESS)) code.textContent = withAddress(code.textContent);
  }
}

/** Without a scheme, curl and wget would use http. Other programs connect by TCP and take no scheme. */
function withAddress(text) {
  const bare = location.protocol === "https:" && /\b(?:curl|wget)\b/.test(text) ? location.origin : location.host;
  return text.replaceAll(`http://${DEFAULT_ADDRESS}`, location.origin).replaceAll(DEFAULT_ADDRESS, bare);
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
