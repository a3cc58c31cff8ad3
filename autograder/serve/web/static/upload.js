// Dropping a file, progress while it is sent, and problems told without leaving the page. Without this file the form does the same.
const form = document.getElementById("upload");
if (form) {
  const file = form.querySelector("input[type=file]");
  const drop = form.querySelector(".drop");
  const button = form.querySelector("button");
  const bar = form.querySelector("progress");
  const problem = form.querySelector(".problem");
  const label = button.textContent;

  form.querySelector(".or").hidden = false;

  function tell(text) {
    problem.hidden = !text;
    problem.textContent = text;
  }

  function busy(is) {
    button.disabled = is;
    button.textContent = is ? form.dataset.sending : label;
    bar.hidden = !is;
    bar.value = 0;
    form.setAttribute("aria-busy", String(is));
  }

  function reason(request) {
    if (request.response && request.getResponseHeader("content-type").startsWith("application/json")) {
      return JSON.parse(request.response).problem;
    }
    const page = new DOMParser().parseFromString(request.response || "", "text/html");
    return page.querySelector(".lead")?.textContent || form.dataset.failed;
  }

  function send() {
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("X-CSRF", form.elements.csrf.value);
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) bar.value = event.loaded / event.total;
    });
    request.addEventListener("load", () => {
      if (request.status === 201) {
        location.assign(JSON.parse(request.response).location);
        return;
      }
      busy(false);
      tell(reason(request));
    });
    request.addEventListener("error", () => {
      busy(false);
      tell(form.dataset.failed);
    });
    tell("");
    busy(true);
    request.send(new FormData(form));
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (button.disabled) return;
    if (!file.files.length) tell(form.dataset.noFile);
    else if (file.files[0].size > Number(form.dataset.cap)) tell(form.dataset.tooLarge);
    else send();
  });
  // Somebody comes back to this page as it was when they left it.
  addEventListener("pageshow", () => busy(false));

  for (const name of ["dragenter", "dragover"]) {
    drop.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.add("over-it");
    });
  }
  for (const name of ["dragleave", "drop"]) drop.addEventListener(name, () => drop.classList.remove("over-it"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    if (event.dataTransfer.files.length) {
      file.files = event.dataTransfer.files;
      file.focus();
    }
  });
  // A file dropped beside the zone would replace the page.
  for (const name of ["dragover", "drop"]) addEventListener(name, (event) => event.preventDefault());
}
