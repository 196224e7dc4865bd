// What a tool would have built: a router that shows a view for each address, and loads no page for it.
const view = document.getElementById("view");

function show() {
  const user = /^\/users\/([0-9]+)$/.exec(location.pathname)?.[1];
  if (user !== undefined) view.textContent = `This is user ${user}.`;
  else {view.textContent = location.pathname === "/"
      ? "This is the start."
      : `There is no view for ${location.pathname}.`;}
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (link === null || link.origin !== location.origin) return;
  event.preventDefault();
  history.pushState(null, "", link.href);
  show();
});
addEventListener("popstate", show);
show();
